-- A table of the public schema without enabled and forced row-level security is open to whoever has a grant.
select count(*)
  from pg_catalog.pg_class c
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
   and not (c.relrowsecurity and c.relforcerowsecurity)
