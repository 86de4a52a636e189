-- Constraints with their definition. A foreign key can be disabled although this catalogue calls it valid and
-- enforced, so `triggers` are the states of its internal triggers, on both tables.
-- Not-null constraints, which 18 lists here, are a fact of their column.
select 'constraint' as kind,
       concat(k.conrelid::regclass, '.', quote_ident(k.conname)) as key,
       k.conrelid::regclass::text as relation,
       k.contype as type,
       case when k.convalidated then w.definition else regexp_replace(w.definition, ' NOT VALID$', '') end as definition,
       -- Cut out of "CHECK (...)", if nothing follows it, because printing an expression takes long.
       case when k.contype = 'c' and right(w.definition, 1) = ')' then substr(w.definition, 8, length(w.definition) - 8)
            when k.contype = 'c' then pg_get_expr(k.conbin, k.conrelid) end as expression,
       case when k.contype = 'c' and k.conkey is null then true end as constant,
       k.convalidated as validated,
       e.enforced as enforced,
       case when k.contype = 'f' then k.confrelid::regclass::text end as target,
       case when k.contype = 'f' or k.condeferrable then (
         select array_agg(g.tgenabled order by g.tgrelid = k.conrelid, g.tgfoid, g.tgtype)
           from pg_trigger g where g.tgconstraint = k.oid and g.tgisinternal) end as triggers,
       (select d.description from pg_description d
         where d.objoid = k.oid and d.classoid = 'pg_constraint'::regclass and d.objsubid = 0) as comment
  from pg_constraint k
  cross join (select null::boolean as conenforced) as before_18 -- used in place of the column that pg_constraint lacks before 18
  cross join lateral (select conenforced from (select k.*) as own) as e (enforced)
  cross join lateral (select pg_get_constraintdef(k.oid) offset 0) as w (definition)
 where k.conrelid = any ((select current_setting('lab.relations')::oid[])::oid[])
   and k.contype in ('c', 'f', 'p', 'u', 'x');
