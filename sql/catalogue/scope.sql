-- Finds our objects once by index. The other queries start from these oids, so that a thousand tables of another
-- application cost nothing. Settings of the transaction pass them from query to query: lab.relations, lab.functions, the
-- hidden ones of both, lab.exposed for the schemas that the Data API serves, lab.beside for further schemas on its search
-- path, and lab.database for this database. `(select current_setting(...))` in a query reads such a list once, and not
-- for every row.
--
-- Other names are written into the queries as constants. lab.tables: names in public that the rules declare; lab.names:
-- functions there; lab.schemas: schemas that are entirely ours; lab.roles: roles that the rules declare; lab.own: those
-- of them that the rules create; lab.powers: roles whose members read or write without a grant; lab.observers: roles
-- whose members see or disturb others; lab.platform: roles of the platform.
-- No text in these queries has a backslash, because a server may treat it as an escape.
with told as (
  -- The schemas that the project has configured for the Data API, one per row.
  select split_part(c.line, '=', 1) as setting, btrim(w.name, ' "') as name
    from pg_db_role_setting s
    cross join lateral unnest(s.setconfig) as c (line)
    cross join lateral string_to_table(substr(c.line, strpos(c.line, '=') + 1), ',') as w (name)
   where s.setdatabase in (0, (select d.oid from pg_database d where d.datname = current_database()))
     and s.setrole in (0, coalesce(to_regrole('authenticator')::oid, 0))
)
select set_config('lab.database', (
  select d.oid::text from pg_database d where d.datname = current_database()
), true) as database,
set_config('lab.relations', (
  with named as (
    select c.oid
      from pg_class c
     where c.relname = any (current_setting('lab.tables')::name[]) and c.relnamespace = (select to_regnamespace('public'))
    union
    -- By dependencies of the schema, which are indexed; relnamespace is not.
    select c.oid
      from pg_namespace n
      join pg_depend d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = n.oid
                      and d.classid = 'pg_class'::regclass
      join pg_class c on c.oid = d.objid and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
     where n.nspname = any (current_setting('lab.schemas')::text[])
  ), numbered as (
    select d.objid as oid
      from named t
      join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid
                      and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
      join pg_class s on s.oid = d.objid and s.relkind = 'S'
  )
  select coalesce(array_agg(a.oid), '{}')::text
    from (select n.oid from named n union select s.oid from numbered s) as a
), true) as relations,
set_config('lab.functions', (
  select coalesce(array_agg(p.oid), '{}')::text
    from (select d.objid
            from pg_namespace n
            join pg_depend d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = n.oid
                            and d.classid = 'pg_proc'::regclass
           where n.nspname = any (current_setting('lab.schemas')::text[])
          union
          select f.oid
            from pg_proc f
           where f.proname = any (current_setting('lab.names')::name[])
             and f.pronamespace = (select to_regnamespace('public'))) as p (oid)
), true) as functions,
-- The usual schemas, and those that the project has configured for the Data API.
set_config('lab.exposed', (
  select array_agg(e.name)::text
    from (select unnest(current_setting('lab.usually_exposed')::text[])
          union
          select t.name from told t where t.setting = 'pgrst.db_schemas') as e (name)
), true) as exposed,
set_config('lab.beside', (
  select array_agg(e.name)::text
    from (select unnest(current_setting('lab.usually_beside')::text[])
          union
          select t.name from told t where t.setting = 'pgrst.db_extra_search_path') as e (name)
), true) as beside;
-- Objects that were added to an extension by ALTER EXTENSION ... ADD, which hides them from dumps: ours, those outside of
-- the extension's schemas, and those that read our data or the platform's.
with member as materialized (
  select e.oid as extension, e.extnamespace as schema, d.classid, d.objid
    from pg_extension e
    join pg_depend d on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and d.deptype = 'e'
                    and d.classid in ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_namespace'::regclass)
), home as materialized (
  select m.extension, m.schema from member m
  union select m.extension, m.objid from member m where m.classid = 'pg_namespace'::regclass
), told as (
  select string_agg(distinct split_part(p.line, '|', 1), '|') as names
    from unnest(current_setting('lab.private')::text[]) as p (line)
   where split_part(p.line, '|', 1) not like '%.%'
)
select set_config('lab.hidden_functions', (
  select coalesce(array_agg(p.oid), '{}')::text
    from member m
    join pg_proc p on m.classid = 'pg_proc'::regclass and p.oid = m.objid
   where p.oid = any ((select current_setting('lab.functions')::oid[])::oid[])
      or (m.extension, p.pronamespace) not in (select h.extension, h.schema from home h)
      or exists (select from pg_type t where t.oid = p.prorettype and t.typrelid = any ((select current_setting('lab.relations')::oid[])::oid[]))
      or p.prosecdef and p.prolang not in (select l.oid from pg_language l where l.lanname in ('c', 'internal'))
         and concat_ws(' ', pg_get_function_sqlbody(p.oid), p.prosrc)
             ~ ((select '[[:<:]](' || t.names || ')[[:>:]]|' from told t) || '[[:<:]](auth[.]users|vault[.])')
), true) as hidden_functions,
set_config('lab.hidden_relations', (
  select coalesce(array_agg(c.oid), '{}')::text
    from member m
    join pg_class c on m.classid = 'pg_class'::regclass and c.oid = m.objid and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
   where c.oid = any ((select current_setting('lab.relations')::oid[])::oid[])
      or (m.extension, c.relnamespace) not in (select h.extension, h.schema from home h)
      or exists (select from pg_constraint k
                  where k.conrelid = c.oid and k.confrelid = any ((select current_setting('lab.relations')::oid[])::oid[]))
), true) as hidden_relations;
