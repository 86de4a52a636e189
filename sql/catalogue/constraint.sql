-- Constraints with their definition. A foreign key can be disabled although this catalogue calls it valid and
-- enforced, so `triggers` are the states of its internal triggers, on both tables.
-- Not-null constraints, which 18 lists here, are a fact of their column.
select 'constraint' as kind,
       format('%I.%I.%I', n.nspname, c.relname, k.conname) as key,
       format('%I.%I', n.nspname, c.relname) as relation,
       k.contype as type,
       regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '') as definition,
       case when k.contype = 'c' then pg_get_expr(k.conbin, k.conrelid) end as expression,
       case when k.contype = 'c' and k.conkey is null then true end as constant,
       k.convalidated as validated,
       (select conenforced from pg_constraint e where e.oid = k.oid) as enforced,
       case when k.contype = 'f' then k.confrelid::regclass::text end as target,
       (select json_agg(g.tgenabled order by g.tgrelid = k.conrelid, g.tgfoid, g.tgtype)
          from pg_trigger g where g.tgconstraint = k.oid and g.tgisinternal) as triggers,
       (select d.description from pg_description d
         where d.objoid = k.oid and d.classoid = 'pg_constraint'::regclass and d.objsubid = 0) as comment
  from pg_constraint k
  cross join (select null::boolean as conenforced) as before_18 -- used in place of the column that pg_constraint lacks before 18
  join pg_class c on c.oid = k.conrelid
  join pg_namespace n on n.oid = c.relnamespace
 where k.conrelid = any (current_setting('lab.relations')::oid[])
   and k.contype in ('c', 'f', 'p', 'u', 'x');
