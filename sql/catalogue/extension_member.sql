-- Reads objects that were added to an extension; sql/catalogue/scope.sql finds them.
with member as materialized (
  select e.extname::text as extension, d.classid, d.objid
    from pg_extension e
    join pg_depend d on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and d.deptype = 'e'
                    and d.classid in ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_namespace'::regclass)
)
select 'extension_member' as kind,
       format('%s|%s', f.extension, f.object) as key,
       f.form as form, f.object as object, f.extension as extension, f.ours as ours
  from (
    select m.extension, 'routine' as form, format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)) as object,
           p.oid = any ((select current_setting('lab.functions')::oid[])::oid[]) as ours
      from member m
      join pg_proc p on m.classid = 'pg_proc'::regclass and p.oid = m.objid
                    and p.oid = any ((select current_setting('lab.hidden_functions')::oid[])::oid[])
      join pg_namespace n on n.oid = p.pronamespace
    union all
    select m.extension,
           case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
                          when 'f' then 'foreign table' else 'table' end,
           format('%I.%I', n.nspname, c.relname), c.oid = any ((select current_setting('lab.relations')::oid[])::oid[])
      from member m
      join pg_class c on m.classid = 'pg_class'::regclass and c.oid = m.objid
                     and c.oid = any ((select current_setting('lab.hidden_relations')::oid[])::oid[])
      join pg_namespace n on n.oid = c.relnamespace
    union all
    select m.extension, 'schema', format('%I', n.nspname), true
      from member m
      join pg_namespace n on m.classid = 'pg_namespace'::regclass and n.oid = m.objid
     where n.nspname = any (current_setting('lab.schemas')::text[]) or n.nspname = 'public'
  ) as f;
