-- Reads permissive policies on the platform's tables, each with the restrictive policies for the same roles. A policy for
-- rows that are read and written has two rows here if its two conditions differ. Without a condition it allows no row.
with kept as materialized (
  select c.oid, format('%I.%I', n.nspname, c.relname) as name
    from pg_namespace n
    join pg_depend e on e.refclassid = 'pg_namespace'::regclass and e.refobjid = n.oid and e.classid = 'pg_class'::regclass
    join pg_class c on c.oid = e.objid and c.relkind in ('r', 'p') and c.relrowsecurity
   where n.nspname in ('auth', 'vault')
      or n.nspname = 'storage'
         and c.relname in ('objects', 'buckets', 's3_multipart_uploads', 's3_multipart_uploads_parts')
), parts as (
  -- The rows that exist, and the new ones that the policy lets in.
  select p.polrelid, p.polname, p.polroles, p.polcmd, false as new, p.polqual as condition
    from pg_policy p
   where p.polpermissive and p.polcmd <> 'a'
  union all
  select p.polrelid, p.polname, p.polroles, case p.polcmd when '*' then 'a' else p.polcmd end, true, p.polwithcheck
    from pg_policy p
   where p.polpermissive and (p.polcmd in ('a', '*') or p.polcmd = 'w' and p.polqual is not null)
     and (p.polcmd = 'a' or pg_get_expr(p.polwithcheck, p.polrelid) <> coalesce(pg_get_expr(p.polqual, p.polrelid), ''))
)
select 'platform_policy' as kind,
       format('%s.%I%s', k.name, p.polname, case when p.new then ' new rows' end) as key,
       k.name as relation,
       quote_ident(p.polname) as policy,
       p.new as new,
       case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
                     when 'd' then 'delete' else 'all' end as command,
       (select json_agg(u.name order by u.name)
          from (select case o.oid when 0 then 'public' else pg_get_userbyid(o.oid)::text end as name
                  from unnest(p.polroles) as o (oid)) as u
         where u.name <> all (current_setting('lab.powers')::text[] || current_setting('lab.platform')::text[])) as roles,
       coalesce(pg_get_expr(p.condition, p.polrelid), 'false') as condition,
       (select json_agg(pg_get_expr(coalesce(case when p.new then r.polwithcheck end, r.polqual), r.polrelid))
          from pg_policy r
         where r.polrelid = p.polrelid and not r.polpermissive
           and (r.polcmd = '*' or r.polcmd = p.polcmd)
           and (0 = any (r.polroles) or r.polroles @> p.polroles)) as restrictive
  from kept k
  join parts p on p.polrelid = k.oid;
