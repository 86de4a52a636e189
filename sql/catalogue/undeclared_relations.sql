-- Undeclared relations that the Data API could reach: those in exposed schemas, and views in any schema that read our
-- data or the platform's, directly or through other views. Open ones come first; at most 500 are listed, but all are
-- counted. Closed ones in exposed schemas are one row with their number, at most 101 for relations, and the first
-- names.
with recursive api as (
  select r.oid from pg_roles r where r.rolname in ('anon', 'authenticated', 'ai_worker', 'oracle_operator')
  union all select 0
), outsiders as (
  -- Roles that do not have a right to read everything.
  select r.oid from pg_roles r where not (r.rolsuper or r.rolbypassrls)
  union select a.oid from api a
), exposed as (
  select n.oid, n.nspname from pg_namespace n where n.nspname = any (current_setting('lab.exposed')::text[])
), ours as (
  -- With the platform's own data: accounts, vault and files.
  select unnest(current_setting('lab.relations')::oid[]) as oid
  union
  select e.objid
    from pg_namespace n
    join pg_depend e on e.refclassid = 'pg_namespace'::regclass and e.refobjid = n.oid and e.classid = 'pg_class'::regclass
   where n.nspname in ('auth', 'vault')
  union
  select c.oid from pg_class c where c.relname in ('objects', 'buckets') and c.relnamespace = to_regnamespace('storage')
), read as not materialized (
  -- What rewrite rules read: a view has one that selects, and only that one applies security_invoker. A whole-row
  -- reference shows every column but depends on none, so it can be seen only in the rule itself.
  select d.refobjid as below,
         w.ev_class as above,
         case when w.ev_action::text like '%:varattno 0 %' then 0 when d.refobjsubid > 0 then d.refobjsubid end as attnum,
         c.relkind = 'm' as stored,
         w.ev_type = '1' as selects,
         w.ev_type = '1' and coalesce((select o.option_value::boolean from pg_options_to_table(c.reloptions) as o
                                        where o.option_name = 'security_invoker'), false) as invoker
    from pg_depend d
    join pg_rewrite w on w.oid = d.objid and w.ev_class <> d.refobjid
    join pg_class c on c.oid = w.ev_class
   where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
), resting (oid, relation, attnum, opens) as (
  -- From our tables upwards, with each column that a view can show: what a lower view reads counts for the views above.
  --
  -- A view opens our data when its readers use rights that are not their own. The lowest view decides whose rights: its
  -- owner's, or with security_invoker the caller's, however many views are above it. Further up, a view with
  -- security_invoker requires that the caller may read the view below, in any schema; every other view requires it of
  -- its owner, who is assumed to have the right. A materialized view was read by its owner and is open to its grantees.
  select d.above, d.below, d.attnum, not d.invoker
    from read d
   where d.below = any ((select array_agg(o.oid) from ours o)::oid[])
     and d.above not in (select o.oid from ours o)
  union
  select d.above, r.relation, r.attnum,
         d.stored or r.opens and (not d.invoker or exists (
           select from pg_class t
            cross join lateral (select t.relacl
                                union all
                                select a.attacl from pg_attribute a where a.attrelid = t.oid) as l (acl)
            cross join aclexplode(l.acl) as x
            where t.oid = r.oid and x.privilege_type = 'SELECT' and x.grantee <> t.relowner
              and x.grantee in (select s.oid from outsiders s)))
    from resting r
    join read d on d.below = r.oid
   where d.above not in (select o.oid from ours o)
), showing (oid, relation, attnum, opens) as (
  -- Then down again through our own views, which may be undeclared or show more than declared.
  select r.oid, r.relation, r.attnum, r.opens from resting r
  union
  select s.oid, d.below, d.attnum, s.opens
    from showing s
    join read d on d.above = s.relation and d.selects
), reading as (
  select s.oid,
         json_agg(distinct s.relation::regclass || coalesce('.' || quote_ident(a.attname), ''))
           filter (where s.attnum is not null) as reads,
         bool_or(s.opens) as opens
    from showing s
    left join pg_attribute a on a.attrelid = s.relation and a.attnum = s.attnum and s.attnum > 0
   group by s.oid
), moved as (
  -- Our tables under another name or in another schema, found by the name of their primary key and their comment.
  select i.indrelid as oid, t.name
    from unnest(current_setting('lab.tables')::text[]) as t (name)
   cross join lateral (
     select c.oid from pg_class c where c.relname = (t.name || '_pkey')::name and c.relkind = 'i' offset 0) as x
    join pg_index i on i.indexrelid = x.oid and i.indisprimary
    join pg_description e on e.objoid = i.indrelid and e.classoid = 'pg_class'::regclass and e.objsubid = 0
                         and md5(e.description) = any (current_setting('lab.marks')::text[])
   where i.indrelid <> all ((select current_setting('lab.relations')::oid[])::oid[])
), noted as (
  select d.oid from reading d union select m.oid from moved m
), brought as (
  -- Relations of an extension are left out, unless they read our data or are hidden among its members.
  select d.objid as oid
    from pg_depend d
   where d.refclassid = 'pg_extension'::regclass and d.classid = 'pg_class'::regclass and d.deptype = 'e'
     and d.objid <> all ((select current_setting('lab.hidden_relations')::oid[])::oid[])
), granted as (
  -- Column grants to a role of the Data API, which the relation's grants do not show.
  select d.objid as oid
    from pg_shdepend d
   where d.refclassid = 'pg_authid'::regclass and d.refobjid in (select a.oid from api a)
     and d.dbid = current_setting('lab.database')::oid
     and d.classid = 'pg_class'::regclass and d.objsubid > 0
), candidates as materialized (
  -- Closed ones (no grant, row-level security on) are left out first, the most frequent kind before the others, so that
  -- nothing more is read about them.
  select c.oid, c.relnamespace, c.relname, c.relkind, c.relrowsecurity, c.relowner, c.relacl
    from pg_class c
   where case when c.relkind = 'i' or c.relkind = 't' then false
              else c.relacl is not null or c.relkind <> 'S' and not c.relrowsecurity
                   or c.oid in (select g.oid from granted g)
         end
), relations as (
  select c.*, n.nspname, c.relkind in ('v', 'm', 'f') or c.oid in (select g.oid from granted g) as by_column, false as noted
    from candidates c
    join exposed n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
     and c.oid <> all ((select current_setting('lab.relations')::oid[])::oid[])
     and c.oid not in (select t.oid from noted t)
     and c.oid not in (select b.oid from brought b)
  union all
  select c.oid, c.relnamespace, c.relname, c.relkind, c.relrowsecurity, c.relowner, c.relacl, n.nspname,
         true as by_column, true as noted
    from noted t
    join pg_class c on c.oid = t.oid and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    join pg_namespace n on n.oid = c.relnamespace
), opened as (
  select r.*, g.grants, g.held
    from relations r
    left join lateral (
      select json_agg(distinct format('%s %s', case when x.grantee = 0 then 'public' else pg_get_userbyid(x.grantee)::text end,
                                       lower(x.privilege_type))) as grants,
             json_agg(json_build_object(
               'grantee', case when x.grantee = 0 then 'public' else pg_get_userbyid(x.grantee)::text end,
               'privilege', x.privilege_type, 'column', l.name, 'grantable', x.is_grantable,
               'grantor', case when x.grantor <> r.relowner then pg_get_userbyid(x.grantor)::text end)) as held
        from (select r.relacl, null
              union all
              select a.attacl, quote_ident(a.attname)
                from pg_attribute a where a.attrelid = r.oid and r.by_column) as l (acl, name)
       cross join aclexplode(l.acl) as x
       where x.grantee in (select a.oid from api a)
          -- Only roles that may read everything can use a view on our data.
          or r.noted and x.grantee <> r.relowner and x.grantee in (select s.oid from outsiders s)
    ) as g on r.relacl is not null or r.by_column
   where (r.relkind in ('r', 'p') and not r.relrowsecurity) or g.grants is not null or r.noted
), closed as (
  -- Looked up one by one, as few are needed.
  select format('%I.%I', n.nspname, c.relname) as name
    from exposed n
    join pg_depend d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = n.oid and d.classid = 'pg_class'::regclass
                    and d.objid <> all ((select current_setting('lab.relations')::oid[])::oid[])
   cross join lateral (
     select r.relname
       from pg_class r
      where r.oid = d.objid
        and r.relkind in ('r', 'p', 'v', 'm', 'f')
        and r.oid not in (select o.oid from opened o)
        and r.oid not in (select b.oid from brought b)
     offset 0
   ) as c
   limit 101
)
(
  select 'stranger' as kind,
         format('%I.%I', o.nspname, o.relname) as key,
         o.relkind as form,
         pg_get_userbyid(o.relowner) as owner,
         o.relrowsecurity as rls,
         coalesce(o.grants, '[]') as grants,
         o.held as held,
         -- What row-level security lets the roles of the Data API do.
         case when o.grants is not null and o.relrowsecurity then (
           select json_agg(json_build_object(
                    'roles', (select json_agg(case when u.oid = 0 then 'public' else pg_get_userbyid(u.oid)::text end)
                                from unnest(p.polroles) as u (oid)),
                    'command', p.polcmd, 'permissive', p.polpermissive,
                    'using', pg_get_expr(p.polqual, p.polrelid), 'with_check', pg_get_expr(p.polwithcheck, p.polrelid)))
             from pg_policy p
            where p.polrelid = o.oid and p.polroles && (select array_agg(a.oid) from api a)) end as policies,
         o.nspname = any (current_setting('lab.exposed')::text[]) as exposed,
         coalesce((select d.reads from reading d where d.oid = o.oid), '[]') as reads,
         coalesce((select d.opens from reading d where d.oid = o.oid), false) as opens,
         -- A view that only reads, with the rights of its caller.
         o.relkind = 'v' and exists (
           select from pg_class c
            where c.oid = o.oid and not c.relhastriggers
              and coalesce((select w.option_value::boolean from pg_options_to_table(c.reloptions) as w
                             where w.option_name = 'security_invoker'), false))
           and not exists (select from pg_rewrite r where r.ev_class = o.oid and r.ev_type <> '1') as asks,
         (select m.name from moved m where m.oid = o.oid) as was,
         -- A sequence that numbers the rows of a table: identity, serial, or owned by a column.
         o.relkind = 'S' and exists (
           select from pg_depend d
            where d.classid = 'pg_class'::regclass and d.objid = o.oid and d.refclassid = 'pg_class'::regclass
              and d.refobjsubid > 0 and d.deptype in ('a', 'i')) as numbers,
         count(*) over () as of,
         null::json as names
    from opened o
   order by o.grants is null, 2
   limit 500
)
union all
select 'closed_strangers', 'exposed schemas', null, null, null, null, null, null, null, null, null, null, null, null, count(*),
       to_json((array_agg(c.name order by c.name))[:10])
  from closed c
having count(*) > 0;
