-- Our functions, and those in the platform's schema auth that policies use, with the roles that may call them. These
-- include the owner of the accounts, because foreign keys to accounts are checked as that role.
select case when n.nspname = 'auth' then 'platform_function' else 'function' end as kind,
       format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)) as key,
       p.prokind as form,
       pg_get_function_arguments(p.oid) as arguments,
       pg_get_function_result(p.oid) as returns,
       l.lanname as language,
       coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) as body,
       p.prosecdef as definer,
       p.provolatile as volatility,
       p.proisstrict as strict,
       p.proleakproof as leakproof,
       p.proparallel as parallel,
       (select array_agg(s.line order by s.line) from unnest(p.proconfig) as s (line)) as config,
       pg_get_userbyid(p.proowner) as owner,
       case when n.nspname = 'auth' then (
         select json_agg(u.rolname order by u.rolname)
           from unnest(array['anon', 'authenticated', 'postgres', 'service_role', 'supabase_auth_admin']) as u (rolname)
           cross join lateral (select to_regrole(u.rolname)::oid as oid) as r
          where r.oid is not null and has_schema_privilege(r.oid, n.oid, 'usage') and has_function_privilege(r.oid, p.oid, 'execute')
       ) end as callers,
       (select d.description from pg_description d
         where d.objoid = p.oid and d.classoid = 'pg_proc'::regclass and d.objsubid = 0) as comment
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  join pg_language l on l.oid = p.prolang
 where p.oid = any ((select current_setting('lab.functions')::oid[]
                          || array(select a.oid
                                     from pg_proc a
                                    where a.proname in ('uid', 'role', 'jwt', 'email') and a.pronargs = 0
                                      and a.pronamespace = to_regnamespace('auth')))::oid[]);
