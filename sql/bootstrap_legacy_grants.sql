-- Adds the default privileges of Supabase projects from before 2026: everything that `postgres` (or the platform)
-- creates in public is granted to the API roles at once. A superuser runs it after bootstrap.sql.
-- A schema must be safe with these grants as well.
--
-- Source: github.com/supabase/postgres, migrations/db/init-scripts/00000000000000-initial-schema.sql.

alter default privileges for role postgres in schema public
  grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on sequences to postgres, anon, authenticated, service_role;

-- Default privileges of the platform, which `postgres` cannot change.
alter default privileges for role supabase_admin in schema public
  grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema public
  grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema public
  grant all on sequences to postgres, anon, authenticated, service_role;
