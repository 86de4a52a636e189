-- Access to the platform's own data: accounts, vault and files. There the rules can rely only on row-level security;
-- TRUNCATE, which the platform grants on its files, is not served. `doors` allow everything, `gates` allow what their
-- policy says, and `shut` ones allow everything once row-level security is off.
select 'platform_door' as kind,
       format('%I.%I', n.nspname, c.relname) as key,
       c.relrowsecurity as guarded,
       json_agg(distinct d.door) filter (where d.wide) as doors,
       json_agg(distinct d.door) filter (where not d.wide) as gates,
       json_agg(distinct d.door) filter (where d.wide is null) as shut
  from pg_namespace n
  join pg_depend e on e.refclassid = 'pg_namespace'::regclass and e.refobjid = n.oid and e.classid = 'pg_class'::regclass
  join pg_class c on c.oid = e.objid and c.relkind in ('r', 'p', 'v', 'm', 'f')
  join (values ('anon'), ('authenticated')) as v (rolname) on true
  join lateral (select v.rolname, to_regrole(v.rolname)::oid as oid) as r on r.oid is not null
  cross join (values ('r', 'select'), ('a', 'insert'), ('w', 'update'), ('d', 'delete')) as w (code, word)
  left join pg_policy p on c.relrowsecurity and p.polrelid = c.oid and p.polpermissive and p.polcmd::text in ('*', w.code)
                       and exists (select from unnest(p.polroles) as u (oid)
                                    where u.oid = 0 or pg_has_role(r.oid, u.oid, 'usage'))
  cross join lateral (
    select format('%s may %s%s', r.rolname, w.word, ' by ' || quote_ident(p.polname)) as door,
           case when not c.relrowsecurity then true
                when p.oid is not null then pg_get_expr(case when w.code = 'a' then coalesce(p.polwithcheck, p.polqual)
                                                         else p.polqual end, c.oid) = 'true' end as wide
  ) as d
 where (n.nspname in ('auth', 'vault') or n.nspname = 'storage' and c.relname in ('objects', 'buckets'))
   and (not c.relrowsecurity or p.oid is not null or n.nspname <> 'storage')
   and has_schema_privilege(r.oid, n.oid, 'usage')
   and case w.code when 'd' then has_table_privilege(r.oid, c.oid, w.word)
                   else has_any_column_privilege(r.oid, c.oid, w.word) end
 group by n.nspname, c.relname, c.relrowsecurity;
