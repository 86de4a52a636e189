-- Functions of ours, and in the platform's schema auth those that every policy rests on.
select case when n.nspname = 'auth' then 'platform_function' else 'function' end as kind,
       format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)) as key,
       jsonb_strip_nulls(jsonb_build_object(
         'form', p.prokind,
         'arguments', pg_get_function_arguments(p.oid),
         'returns', pg_get_function_result(p.oid),
         'language', l.lanname,
         'body', coalesce(pg_get_function_sqlbody(p.oid), p.prosrc),
         'definer', p.prosecdef,
         'volatility', p.provolatile,
         'strict', p.proisstrict,
         'leakproof', p.proleakproof,
         'parallel', p.proparallel,
         'config', (select jsonb_agg(s.line order by s.line) from unnest(p.proconfig) as s (line)),
         'owner', pg_get_userbyid(p.proowner),
         'comment', obj_description(p.oid, 'pg_proc')
       )) as facts
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  join pg_language l on l.oid = p.prolang
 where p.oid in (select u.oid
                   from unnest(current_setting('lab.functions')::oid[]) as u (oid)
                 union
                 select a.oid
                   from pg_proc a
                   join pg_namespace m on m.oid = a.pronamespace and m.nspname = 'auth'
                  where a.proname in ('uid', 'role', 'jwt') and a.pronargs = 0);
