-- Adds the automatic grants that Supabase projects made before 2026 carry: whatever `postgres` (or the
-- platform) creates in public is granted to the API roles at once. Run by a superuser after bootstrap.sql.
-- A schema that is safe only without these is not safe on such a project.
--
-- Source: github.com/supabase/postgres, migrations/db/init-scripts/00000000000000-initial-schema.sql.

alter default privileges for role postgres in schema public
  grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on sequences to postgres, anon, authenticated, service_role;

-- The platform's own, which `postgres` can't change.
alter default privileges for role supabase_admin in schema public
  grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema public
  grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema public
  grant all on sequences to postgres, anon, authenticated, service_role;
