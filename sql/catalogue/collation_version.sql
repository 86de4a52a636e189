-- Reads collations whose recorded version differs from the library's, such as after an upgrade of the system: the
-- database's default, and those of our indexes. Collations without a recorded version are left out.
select 'collation_version' as kind, 'the database' as key, d.datcollversion as recorded,
       pg_database_collation_actual_version(d.oid) as actual
  from pg_database d
 where d.datname = current_database()
   and d.datcollversion is distinct from pg_database_collation_actual_version(d.oid)
   and d.datcollversion is not null
union all
select 'collation_version', format('%I.%I', n.nspname, c.collname), c.collversion, pg_collation_actual_version(c.oid)
  from (select distinct u.oid
          from pg_index i
         cross join unnest(i.indcollation) as u (oid)
         where i.indrelid = any ((select current_setting('lab.relations')::oid[])::oid[])) as used
  join pg_collation c on c.oid = used.oid
  join pg_namespace n on n.oid = c.collnamespace
 where c.collprovider <> 'd' and c.collversion is not null
   and c.collversion is distinct from pg_collation_actual_version(c.oid);
