-- Whether row-level security is enabled, and forced for the owner.
select 'row_security' as kind,
       c.oid::regclass::text as key,
       c.oid::regclass::text as relation,
       c.relrowsecurity as enabled,
       c.relforcerowsecurity as forced
  from pg_class c
 where c.oid = any ((select current_setting('lab.relations')::oid[])::oid[]) and c.relkind in ('r', 'p');
