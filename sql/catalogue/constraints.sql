-- Constraints with their definition. A foreign key can be dead while this catalogue calls it valid and
-- enforced: `triggers` are the states of the internal triggers that do its work, on both tables.
-- Not-null constraints, which 18 lists here, are a fact of their column.
select 'constraint' as kind,
       format('%I.%I.%I', n.nspname, c.relname, k.conname) as key,
       jsonb_strip_nulls(jsonb_build_object(
         'relation', format('%I.%I', n.nspname, c.relname),
         'type', k.contype,
         'definition', regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''),
         'expression', case when k.contype = 'c' then pg_get_expr(k.conbin, k.conrelid) end,
         'validated', k.convalidated,
         'enforced', to_jsonb(k) -> 'conenforced',
         'target', case when k.contype = 'f' then k.confrelid::regclass::text end,
         'triggers', (select jsonb_agg(g.tgenabled order by g.tgrelid = k.conrelid, g.tgfoid, g.tgtype)
                        from pg_trigger g where g.tgconstraint = k.oid and g.tgisinternal),
         'comment', obj_description(k.oid, 'pg_constraint')
       )) as facts
  from pg_constraint k
  join pg_class c on c.oid = k.conrelid
  join pg_namespace n on n.oid = c.relnamespace
 where k.conrelid = any (current_setting('lab.relations')::oid[])
   and k.contype in ('c', 'f', 'p', 'u', 'x');
