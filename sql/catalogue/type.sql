-- Enumerations and domains in our schemas.
select 'type' as kind,
       format('%I.%I', n.nspname, t.typname) as key,
       t.typtype as form,
       (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid) as labels
  from pg_namespace n
  join pg_depend d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = n.oid and d.classid = 'pg_type'::regclass
  join pg_type t on t.oid = d.objid and t.typtype in ('e', 'd')
 where n.nspname = any (current_setting('lab.schemas')::text[]);
