-- The database: who owns it, and how many may connect. Who owns the database owns the schema public with it (pg_database_owner).
select 'database' as kind,
       'the database' as key,
       pg_get_userbyid(d.datdba) as owner,
       nullif(d.datconnlimit, -1) as connections
  from pg_database d
 where d.datname = current_database();
