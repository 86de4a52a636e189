-- Columns of tables and views. `unproven` is a not-null constraint that was never validated (18): attnotnull is true
-- although nulls may exist. `unmeasured` columns get no statistics, because statistics hold whole values;
-- `remembered` are older statistics of them, which no later ANALYZE removes.
with given as materialized (
  -- Read at once, as the next one: looking each column up takes longer.
  select d.adrelid, d.adnum, d.adbin
    from pg_attrdef d
   where d.adrelid = any ((select current_setting('lab.relations')::oid[])::oid[])
), told as materialized (
  select e.objoid, e.objsubid, e.description
    from unnest((select current_setting('lab.relations')::oid[])::oid[]) as r (oid)
    join pg_description e on e.objoid = r.oid and e.classoid = 'pg_class'::regclass
), unproven as (
  select k.conrelid, k.conkey[1] as attnum, k.conname
    from pg_constraint k
   where k.conrelid = any ((select current_setting('lab.relations')::oid[])::oid[])
     and k.contype = 'n' and not k.convalidated
)
select 'column' as kind,
       concat(c.name, '.', quote_ident(a.attname)) as key,
       c.name as relation,
       c.relkind as form,
       format_type(a.atttypid, a.atttypmod) as type,
       case when a.attcollation <> t.typcollation then (
         select format('%I.%I', cn.nspname, co.collname)
           from pg_collation co
           join pg_namespace cn on cn.oid = co.collnamespace
         where co.oid = a.attcollation) end as collation,
       pg_get_expr(d.adbin, d.adrelid) as default,
       a.attnotnull as not_null,
       nullif(a.attidentity, '') as identity,
       nullif(a.attgenerated, '') as generated,
       u.conname as unproven,
       case when a.attstattarget = 0 then true end as unmeasured,
       case when a.attstattarget = 0 then (
         select true
           from pg_stats m
          where m.schemaname = (select n.nspname from pg_namespace n where n.oid = c.relnamespace)
            and m.tablename = c.relname and m.attname = a.attname
          limit 1) end as remembered,
       e.description as comment
  from (select r.oid, r.relkind, r.relname, r.relnamespace, r.oid::regclass::text as name
          from pg_class r
         where r.oid = any ((select current_setting('lab.relations')::oid[])::oid[]) and r.relkind <> 'S'
        offset 0) as c
  join pg_attribute a on a.attrelid = c.oid
  join pg_type t on t.oid = a.atttypid
  left join given d on d.adrelid = a.attrelid and d.adnum = a.attnum
  left join told e on e.objoid = a.attrelid and e.objsubid = a.attnum
  left join unproven u on u.conrelid = a.attrelid and u.attnum = a.attnum
 where a.attnum > 0 and not a.attisdropped;
