-- Policies of row-level security.
select 'policy' as kind,
       concat(p.polrelid::regclass, '.', quote_ident(p.polname)) as key,
       p.polrelid::regclass::text as relation,
       case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
                     when 'd' then 'delete' else 'all' end as command,
       p.polpermissive as permissive,
       (select json_agg(r.name order by r.name)
          from (select case when u.oid = 0 then 'public' else pg_get_userbyid(u.oid) end
                  from unnest(p.polroles) as u (oid)) as r (name)) as roles,
       pg_get_expr(p.polqual, p.polrelid) as using,
       pg_get_expr(p.polwithcheck, p.polrelid) as with_check,
       (select d.description from pg_description d
         where d.objoid = p.oid and d.classoid = 'pg_policy'::regclass and d.objsubid = 0) as comment
  from pg_policy p
 where p.polrelid = any ((select current_setting('lab.relations')::oid[])::oid[]);
