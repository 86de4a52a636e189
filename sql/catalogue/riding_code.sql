-- Reads undeclared functions in expressions of our tables: in an index, a check, statistics, a policy, a default, a
-- trigger's condition, a rule or a column's type, directly or through an operator, a domain or an operator class.
-- Functions of Postgres, of the rules and of extensions are left out.
with recursive ours as materialized (
  select u.oid from unnest(current_setting('lab.relations')::oid[]) as u (oid)
), depends as materialized (
  -- What depends on functions, operators and types that are neither Postgres's nor the rules'.
  select d.classid, d.objid, d.refclassid, d.refobjid
    from pg_depend d
   where d.refobjid >= 16384
     and d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass, 'pg_type'::regclass)
     and d.classid in ('pg_class'::regclass, 'pg_constraint'::regclass, 'pg_statistic_ext'::regclass, 'pg_policy'::regclass,
                       'pg_attrdef'::regclass, 'pg_trigger'::regclass, 'pg_rewrite'::regclass)
     and (d.refclassid <> 'pg_proc'::regclass
          or d.refobjid <> all ((select current_setting('lab.functions')::oid[])::oid[]))
), typed as (
  -- Types of columns, and the types that these consist of: of a domain, an array, or a composite type.
  select d.objid as relation, a.attname, d.refobjid as type
    from depends d
    join pg_attribute a on d.classid = 'pg_class'::regclass and d.refclassid = 'pg_type'::regclass
                       and a.attrelid = d.objid and a.atttypid = d.refobjid and not a.attisdropped
  union
  select t.relation, t.attname, p.type
    from typed t
    join pg_type y on y.oid = t.type
    cross join lateral (select y.typbasetype union all select y.typelem
                        union all
                        select b.atttypid from pg_attribute b where b.attrelid = y.typrelid and b.attnum > 0) as p (type)
   where p.type >= 16384
), carriers (form, name, relation, classid, objid, refclassid, refobjid) as (
  select 'index', x.relname, i.indrelid, d.*
    from depends d join pg_index i on d.classid = 'pg_class'::regclass and i.indexrelid = d.objid
    join pg_class x on x.oid = i.indexrelid
  union all
  select 'constraint', k.conname, k.conrelid, d.*
    from depends d join pg_constraint k on d.classid = 'pg_constraint'::regclass and k.oid = d.objid
   where k.contype in ('c', 'x', 'f')
  union all
  select 'statistics', s.stxname, s.stxrelid, d.*
    from depends d join pg_statistic_ext s on d.classid = 'pg_statistic_ext'::regclass and s.oid = d.objid
  union all
  select 'policy', p.polname, p.polrelid, d.*
    from depends d join pg_policy p on d.classid = 'pg_policy'::regclass and p.oid = d.objid
  union all
  select 'default', a.attname, f.adrelid, d.*
    from depends d join pg_attrdef f on d.classid = 'pg_attrdef'::regclass and f.oid = d.objid
    join pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum
  union all
  select 'trigger', g.tgname, g.tgrelid, d.*
    from depends d join pg_trigger g on d.classid = 'pg_trigger'::regclass and g.oid = d.objid
   where g.tgqual is not null and g.tgenabled <> 'D'
  union all
  select 'rule', w.rulename, w.ev_class, d.*
    from depends d join pg_rewrite w on d.classid = 'pg_rewrite'::regclass and w.oid = d.objid
  union all
  select 'column', t.attname, t.relation, 'pg_class'::regclass, t.relation, 'pg_type'::regclass, t.type from typed t
  union all
  select 'partition key', c.relname, c.oid, d.*
    from depends d join pg_class c on d.classid = 'pg_class'::regclass and c.oid = d.objid and c.relkind = 'p'
), used as materialized (
  select k.* from carriers k where k.relation in (select o.oid from ours o)
), called as (
  -- A trigger's own function is compared with the trigger.
  select u.form, u.name, u.relation, u.refobjid as function
    from used u
   where u.refclassid = 'pg_proc'::regclass
     and not (u.form = 'trigger' and u.refobjid = (select g.tgfoid from pg_trigger g where g.oid = u.objid))
  union
  select u.form, u.name, u.relation, f.oid
    from used u
    join pg_operator o on u.refclassid = 'pg_operator'::regclass and o.oid = u.refobjid
    cross join lateral (values (o.oprcode::oid), (o.oprrest::oid), (o.oprjoin::oid)) as f (oid)
  union
  select u.form, u.name, u.relation, m.amproc::oid
    from used u
    join pg_opclass c on u.refclassid = 'pg_opclass'::regclass and c.oid = u.refobjid
    join pg_amproc m on m.amprocfamily = c.opcfamily
  union
  select u.form, u.name, u.relation, o.oprcode::oid
    from used u
    join pg_opclass c on u.refclassid = 'pg_opclass'::regclass and c.oid = u.refobjid
    join pg_amop m on m.amopfamily = c.opcfamily
    join pg_operator o on o.oid = m.amopopr
  union
  select u.form, u.name, u.relation, d.refobjid
    from used u
    join pg_constraint k on u.refclassid = 'pg_type'::regclass and k.contypid = u.refobjid
    join pg_depend d on d.classid = 'pg_constraint'::regclass and d.objid = k.oid and d.refclassid = 'pg_proc'::regclass
  union
  select u.form, u.name, u.relation, d.refobjid
    from used u
    join pg_depend d on d.classid = 'pg_type'::regclass and d.objid = u.refobjid and d.refclassid = 'pg_proc'::regclass
   where u.refclassid = 'pg_type'::regclass
)
select 'riding_code' as kind,
       format('%I.%I.%I.%s', n.nspname, r.relname, c.name, c.form) as key,
       format('%I.%I', n.nspname, r.relname) as relation,
       c.form as form,
       quote_ident(c.name) as name,
       case when c.form = 'statistics' then (
         select format('%I.%I', m.nspname, s.stxname)
           from pg_statistic_ext s join pg_namespace m on m.oid = s.stxnamespace
          where s.stxrelid = r.oid and s.stxname = c.name) end as statistics,
       json_agg(distinct format('%I.%I', f.nspname, p.proname)) as callers
  from called c
  join pg_class r on r.oid = c.relation
  join pg_namespace n on n.oid = r.relnamespace
  join pg_proc p on p.oid = c.function and p.oid >= 16384
  join pg_namespace f on f.oid = p.pronamespace
 where p.oid not in (select u.oid from unnest(current_setting('lab.functions')::oid[]) as u (oid))
   and not (f.nspname = 'auth' and p.proname in ('uid', 'role', 'jwt', 'email') and p.pronargs = 0)
   and not exists (select from pg_depend e
                    where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e'
                        and p.oid <> all ((select current_setting('lab.hidden_functions')::oid[])::oid[]))
 group by n.nspname, r.relname, r.oid, c.name, c.form;
