-- The database; schemas of ours and those that the Data API serves; types, extensions and event triggers.
-- Who owns the database owns the schema public with it (pg_database_owner).
select 'database' as kind,
       'the database' as key,
       pg_get_userbyid(d.datdba) as owner,
       nullif(d.datconnlimit, -1) as connections
  from pg_database d
 where d.datname = current_database();
select 'schema' as kind,
       n.nspname::text as key,
       pg_get_userbyid(n.nspowner) as owner,
       case when n.nspname <> 'public' then (
         select d.description from pg_description d
         where d.objoid = n.oid and d.classoid = 'pg_namespace'::regclass and d.objsubid = 0) end as comment
  from pg_namespace n
 where n.nspname = any (current_setting('lab.schemas')::text[]) or n.nspname = 'public';
select 'type' as kind,
       format('%I.%I', n.nspname, t.typname) as key,
       t.typtype as form,
       (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid) as labels
  from pg_namespace n
  join pg_depend d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = n.oid and d.classid = 'pg_type'::regclass
  join pg_type t on t.oid = d.objid and t.typtype in ('e', 'd')
 where n.nspname = any (current_setting('lab.schemas')::text[]);
select 'extension' as kind,
       e.extname::text as key,
       n.nspname as schema,
       e.extrelocatable as relocatable
  from pg_extension e
  join pg_namespace n on n.oid = e.extnamespace;
select 'event_trigger' as kind,
       v.evtname::text as key,
       v.evtevent as event,
       v.evtenabled as enabled,
       pg_get_userbyid(v.evtowner) as owner,
       v.evtfoid::regproc::text as function,
       pg_get_userbyid(p.proowner) as function_owner,
       p.prosrc as body
  from pg_event_trigger v
  join pg_proc p on p.oid = v.evtfoid;
