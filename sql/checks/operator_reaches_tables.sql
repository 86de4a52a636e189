-- Operators read their views; a privilege on a table itself would show more than operational fields.
select count(*)
  from pg_catalog.pg_class c
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm', 'p')
   and has_any_column_privilege('oracle_operator', c.oid, 'select, insert, update')
