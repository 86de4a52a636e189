-- Row-level security: whether it is on and holds the owner too, and its policies.
select 'policy' as kind,
       format('%I.%I.%I', n.nspname, c.relname, p.polname) as key,
       jsonb_strip_nulls(jsonb_build_object(
         'relation', format('%I.%I', n.nspname, c.relname),
         'command', case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
                                  when 'd' then 'delete' else 'all' end,
         'permissive', p.polpermissive,
         'roles', (select jsonb_agg(case when r.oid = 0 then 'public' else pg_get_userbyid(r.oid) end
                                    order by case when r.oid = 0 then 'public' else pg_get_userbyid(r.oid) end)
                     from unnest(p.polroles) as r (oid)),
         'using', pg_get_expr(p.polqual, p.polrelid),
         'with_check', pg_get_expr(p.polwithcheck, p.polrelid),
         'comment', obj_description(p.oid, 'pg_policy')
       )) as facts
  from pg_policy p
  join pg_class c on c.oid = p.polrelid
  join pg_namespace n on n.oid = c.relnamespace
 where p.polrelid = any (current_setting('lab.relations')::oid[])
union all
select 'row_security' as kind,
       format('%I.%I', n.nspname, c.relname) as key,
       jsonb_build_object('relation', format('%I.%I', n.nspname, c.relname),
                          'enabled', c.relrowsecurity, 'forced', c.relforcerowsecurity) as facts
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where c.oid = any (current_setting('lab.relations')::oid[]) and c.relkind in ('r', 'p');
