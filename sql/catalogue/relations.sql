-- Tables, views and sequences with their kind, owner and definition.
select case when c.relkind in ('v', 'm') then 'view' when c.relkind = 'S' then 'sequence' else 'table' end as kind,
       c.oid::regclass::text as key,
       c.relkind as form,
       pg_get_userbyid(c.relowner) as owner,
       c.relpersistence as persistence,
       case when c.relkind in ('r', 'p') then nullif(c.relreplident, 'd') end as replica_identity,
       case when c.reloptions is not null then (
         select json_agg(o.line order by o.line) from unnest(c.reloptions) as o (line)) end as options,
       (select d.description from pg_description d
         where d.objoid = c.oid and d.classoid = 'pg_class'::regclass and d.objsubid = 0) as comment,
       (select json_agg(i.inhparent::regclass::text order by i.inhseqno)
          from pg_inherits i where i.inhrelid = c.oid) as parents,
       case when c.relhassubclass then (
         select json_agg(i.inhrelid::regclass::text order by i.inhrelid::regclass::text)
           from pg_inherits i where i.inhparent = c.oid) end as children,
       case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end as definition,
       case when c.relkind = 'S' then (
         select json_build_object('type', format_type(s.seqtypid, null), 'start', s.seqstart, 'increment', s.seqincrement,
                                  'min', s.seqmin, 'max', s.seqmax, 'cycle', s.seqcycle)
           from pg_sequence s where s.seqrelid = c.oid) end as sequence
  from pg_class c
 where c.oid = any ((select current_setting('lab.relations')::oid[])::oid[]);
