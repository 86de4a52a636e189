-- Our schemas, and public.
select 'schema' as kind,
       n.nspname::text as key,
       pg_get_userbyid(n.nspowner) as owner,
       case when n.nspname <> 'public' then (
         select d.description from pg_description d
         where d.objoid = n.oid and d.classoid = 'pg_namespace'::regclass and d.objsubid = 0) end as comment
  from pg_namespace n
 where n.nspname = any (current_setting('lab.schemas')::text[]) or n.nspname = 'public';
