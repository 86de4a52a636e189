-- The owner of the database, who also owns the schema public (pg_database_owner), and its connection limit.
select 'database' as kind,
       'the database' as key,
       pg_get_userbyid(d.datdba) as owner,
       nullif(d.datconnlimit, -1) as connections
  from pg_database d
 where d.datname = current_database();
