-- Reads permissive policies on the platform's tables, each with the restrictive policies for the same roles.
with kept as materialized (
  select c.oid, format('%I.%I', n.nspname, c.relname) as name
    from pg_namespace n
    join pg_depend e on e.refclassid = 'pg_namespace'::regclass and e.refobjid = n.oid and e.classid = 'pg_class'::regclass
    join pg_class c on c.oid = e.objid and c.relkind in ('r', 'p') and c.relrowsecurity
   where n.nspname in ('auth', 'vault') or n.nspname = 'storage' and c.relname in ('objects', 'buckets')
)
select 'platform_policy' as kind,
       format('%s.%I', k.name, p.polname) as key,
       k.name as relation,
       case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
                     when 'd' then 'delete' else 'all' end as command,
       (select json_agg(u.name order by u.name)
          from (select case o.oid when 0 then 'public' else pg_get_userbyid(o.oid)::text end as name
                  from unnest(p.polroles) as o (oid)) as u
         where u.name <> all (current_setting('lab.powers')::text[] || current_setting('lab.platform')::text[])) as roles,
       coalesce(case p.polcmd when 'a' then pg_get_expr(p.polwithcheck, p.polrelid) else pg_get_expr(p.polqual, p.polrelid) end,
                'true') as condition,
       (select json_agg(pg_get_expr(coalesce(case p.polcmd when 'a' then r.polwithcheck end, r.polqual), r.polrelid))
          from pg_policy r
         where r.polrelid = p.polrelid and not r.polpermissive
           and (r.polcmd = '*' or r.polcmd = p.polcmd)
           and (0 = any (r.polroles) or r.polroles @> p.polroles)) as restrictive
  from kept k
  join pg_policy p on p.polrelid = k.oid and p.polpermissive;
