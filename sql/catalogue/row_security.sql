-- Whether row-level security is enabled, and forced for the owner.
select 'row_security' as kind,
       format('%I.%I', n.nspname, c.relname) as key,
       format('%I.%I', n.nspname, c.relname) as relation,
       c.relrowsecurity as enabled,
       c.relforcerowsecurity as forced
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where c.oid = any (current_setting('lab.relations')::oid[]) and c.relkind in ('r', 'p');
