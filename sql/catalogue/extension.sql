-- Extensions with their schema.
select 'extension' as kind,
       e.extname::text as key,
       n.nspname as schema,
       e.extrelocatable as relocatable
  from pg_extension e
  join pg_namespace n on n.oid = e.extnamespace;
