-- Reads requirements of the migrations that this server, database or login does not meet, with the next step for each.
with login as (
  select r.oid, r.rolname, r.rolsuper, r.rolbypassrls, r.rolsuper or r.rolcreaterole as makes_roles
    from pg_catalog.pg_roles r where r.rolname = current_user
), here as (
  select current_setting('server_version_num')::int / 10000 as major, current_database() as name,
         (select oid from pg_catalog.pg_namespace where nspname = 'auth') as auth,
         (select oid from pg_catalog.pg_namespace where nspname = 'public') as public,
         (select oid from pg_catalog.pg_namespace where nspname = 'supabase_migrations') as list,
         to_regclass('supabase_migrations.schema_migrations') as listed
), users as (
  select c.oid, a.atttypid,
         has_column_privilege(current_user, c.oid, a.attnum, 'references')
           or has_table_privilege(current_user, c.oid, 'references') as referable,
         exists (
           select from pg_catalog.pg_index i
            where i.indrelid = c.oid and i.indisunique and i.indimmediate and i.indisvalid and i.indpred is null
              and i.indnkeyatts = 1 and i.indkey[0] = a.attnum
         ) as keyed
    from here
    join pg_catalog.pg_class c on c.relnamespace = here.auth and c.relname = 'users' and c.relkind in ('r', 'p')
    left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'id' and not a.attisdropped
), wanted (place, what, next_step) as (
  select 1, format('the server is Postgres %s, and 15 is the oldest that works', here.major), 'Upgrade it'
    from here where here.major < 15
  union all
  select 1, 'nothing can be written here: the server is a standby',
         'Apply the migrations to its primary'
   where pg_catalog.pg_is_in_recovery()
  union all
  select 1, 'nothing can be written here: default_transaction_read_only is on for this login or database',
         'Set it to off'
   where current_setting('default_transaction_read_only') = 'on' and not pg_catalog.pg_is_in_recovery()
  union all
  select 2, format('the role %s is missing', wanted.name), 'Use a Supabase project, or run sql/bootstrap.sql as a superuser'
    from unnest(array['anon', 'authenticated', 'service_role', 'authenticator']) as wanted (name)
   where not exists (select from pg_catalog.pg_roles r where r.rolname = wanted.name)
  union all
  select 3, 'the language plpgsql is missing', 'Run: create extension plpgsql'
   where not exists (select from pg_catalog.pg_language l where l.lanname = 'plpgsql')
  union all
  select 4, format('the schema %s is missing', wanted.name), wanted.next_step
    from here, (values ('auth', 'Start the platform''s auth server, or run sql/bootstrap.sql as a superuser'),
                       ('public', 'As the database''s owner, run: create schema public')) as wanted (name, next_step)
   where not exists (select from pg_catalog.pg_namespace n where n.nspname = wanted.name)
  union all
  select 5, 'the table auth.users is missing', 'Start the platform''s auth server, or run sql/bootstrap.sql as a superuser'
   where not exists (select from users)
  union all
  select 5, 'the column auth.users.id of type uuid is missing', 'Restore it as the platform makes it'
    from users where users.atttypid is distinct from 'uuid'::regtype
  union all
  select 5, 'the table auth.users has no primary key', 'As its owner, run: alter table auth.users add primary key (id)'
    from users where users.atttypid = 'uuid'::regtype and not users.keyed
  union all
  select 6, format('the function auth.%s(), which returns %s, is missing', wanted.name, wanted.returns),
         'Start the platform''s auth server, or run sql/bootstrap.sql as a superuser'
    from here, (values ('uid', 'uuid'), ('jwt', 'jsonb')) as wanted (name, returns)
   where not exists (
     select from pg_catalog.pg_proc p
      where p.pronamespace = here.auth and p.proname = wanted.name and p.pronargs = 0 and not p.proretset
        and p.prorettype = wanted.returns::regtype
   )
  union all
  select 7, format('%s may not use the schema auth', login.rolname),
         format('Run: grant usage on schema auth to %I', login.rolname)
    from here, login where here.auth is not null and not has_schema_privilege(login.oid, here.auth, 'usage')
  union all
  select 7, format('%s may not refer to auth.users', login.rolname),
         format('Run: grant references on auth.users to %I', login.rolname)
    from users, login where users.atttypid = 'uuid'::regtype and not users.referable
  union all
  select 7, format('%s may not create anything in the schema public', login.rolname),
         format('Run: grant create, usage on schema public to %I', login.rolname)
    from here, login
   where here.public is not null
     and not (has_schema_privilege(login.oid, here.public, 'create')
              and has_schema_privilege(login.oid, here.public, 'usage'))
  union all
  select 7, format('%s may not create schemas in the database %s', login.rolname, here.name),
         format('Run: grant create on database %I to %I', here.name, login.rolname)
    from here, login
   where not has_database_privilege(login.oid, here.name, 'create')
     and exists (
       select from unnest(array['wall', 'operations', 'ai', 'supabase_migrations']) as ours (name)
        where not exists (select from pg_catalog.pg_namespace n where n.nspname = ours.name)
     )
  union all
  select 7, format('%s may not create roles', login.rolname),
         format('Run: alter role %I createrole', login.rolname)
    from login
   where not login.makes_roles
     and exists (
       select from unnest(array['ai_worker', 'oracle_operator']) as ours (name)
        where not exists (select from pg_catalog.pg_roles r where r.rolname = ours.name)
     )
  union all
  select 7, format('%s may not grant the role %s to authenticator', login.rolname, ours.rolname),
         format('Run: grant %I to %I with admin option', ours.rolname, login.rolname)
    from here, login, pg_catalog.pg_roles ours
    join pg_catalog.pg_roles authenticator on authenticator.rolname = 'authenticator'
   where ours.rolname in ('ai_worker', 'oracle_operator')
     and not (login.rolsuper or login.makes_roles and here.major < 16)
     and not pg_has_role(login.oid, ours.oid, 'member with admin option')
  union all
  select 7, format('%s does not bypass row-level security', login.rolname),
         format('Apply them as postgres, or run: alter role %I bypassrls', login.rolname)
    from login where not (login.rolsuper or login.rolbypassrls)
  union all
  select 7, format('%s may not write the list of applied migrations', login.rolname),
         format('Run: grant usage on schema supabase_migrations to %1$I; '
                'grant select, insert on supabase_migrations.schema_migrations to %1$I', login.rolname)
    from here, login
   where here.list is not null
     and not case
       when here.listed is null then has_schema_privilege(login.oid, here.list, 'create')
       else has_schema_privilege(login.oid, here.list, 'usage')
         and has_table_privilege(login.oid, here.listed, 'select')
         and has_table_privilege(login.oid, here.listed, 'insert')
     end
)
select place, what, next_step from wanted order by place, what;
