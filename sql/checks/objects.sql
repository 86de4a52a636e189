-- Names of everything that the rules can speak of, tables qualified, the rest by its own name; and why it does not count.
select 'public.' || c.relname,
       case
         when not c.relrowsecurity then 'without row-level security'
         when not c.relforcerowsecurity then 'without forced row-level security'
       end
  from pg_catalog.pg_class c
 where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
union all
select c.relname, case when not (i.indisvalid and i.indisready) then 'invalid' end
  from pg_catalog.pg_class c
  left join pg_catalog.pg_index i on i.indexrelid = c.oid
 where c.relnamespace in (select n.oid from pg_catalog.pg_namespace n where n.nspname in ('public', 'operations', 'ai'))
   and c.relkind in ('r', 'v', 'i')
union all
select t.tgname, case t.tgenabled when 'A' then null when 'D' then 'disabled' else 'not always enabled' end
  from pg_catalog.pg_trigger t
 where not t.tgisinternal
union all
select p.polname, null from pg_catalog.pg_policy p
union all
select f.proname, null
  from pg_catalog.pg_proc f
 where f.pronamespace in (select n.oid from pg_catalog.pg_namespace n where n.nspname in ('public', 'wall'))
union all
select k.conname, case when not k.convalidated then 'not validated' end from pg_catalog.pg_constraint k
