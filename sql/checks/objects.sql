-- Names of everything that the rules can speak of: tables qualified, the rest by its own name. Only what is alive counts.
select 'public.' || c.relname from pg_catalog.pg_class c
 where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relrowsecurity and c.relforcerowsecurity
union all
select c.relname from pg_catalog.pg_class c
 where c.relnamespace in (select n.oid from pg_catalog.pg_namespace n where n.nspname in ('public', 'operations', 'ai'))
   and (c.relkind in ('r', 'v')
        or c.relkind = 'i' and exists (
             select from pg_catalog.pg_index i where i.indexrelid = c.oid and i.indisvalid and i.indisready))
union all
select t.tgname from pg_catalog.pg_trigger t where not t.tgisinternal and t.tgenabled = 'A'
union all
select p.polname from pg_catalog.pg_policy p
union all
select f.proname from pg_catalog.pg_proc f
 where f.pronamespace in (select n.oid from pg_catalog.pg_namespace n where n.nspname in ('public', 'wall'))
union all
select k.conname from pg_catalog.pg_constraint k where k.convalidated
