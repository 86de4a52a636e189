-- Tables, views and sequences: what they are, who owns them, what they show.
select case when c.relkind in ('v', 'm') then 'view' when c.relkind = 'S' then 'sequence' else 'table' end as kind,
       format('%I.%I', n.nspname, c.relname) as key,
       jsonb_strip_nulls(jsonb_build_object(
         'form', c.relkind,
         'owner', pg_get_userbyid(c.relowner),
         'persistence', c.relpersistence,
         'options', (select jsonb_agg(o.line order by o.line) from unnest(c.reloptions) as o (line)),
         'comment', obj_description(c.oid, 'pg_class'),
         'parents', (select jsonb_agg(i.inhparent::regclass::text order by i.inhseqno)
                       from pg_inherits i where i.inhrelid = c.oid),
         'children', (select jsonb_agg(i.inhrelid::regclass::text order by i.inhrelid::regclass::text)
                        from pg_inherits i where i.inhparent = c.oid),
         'definition', case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
         'sequence', (select jsonb_build_object('type', format_type(s.seqtypid, null), 'start', s.seqstart,
                               'increment', s.seqincrement, 'min', s.seqmin, 'max', s.seqmax, 'cycle', s.seqcycle)
                        from pg_sequence s where s.seqrelid = c.oid)
       )) as facts
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where c.oid = any (current_setting('lab.relations')::oid[]);
