-- Reads undeclared functions in expressions of our tables: in an index, a check, statistics, a policy, a default, a
-- trigger's condition or a rule, directly or through an operator, a domain or an operator class. Functions of Postgres,
-- of the rules and of extensions are left out.
with ours as materialized (
  select u.oid from unnest(current_setting('lab.relations')::oid[]) as u (oid)
), carriers (classid, objid, form, name, relation) as materialized (
  select 'pg_class'::regclass, i.indexrelid, 'index', x.relname, i.indrelid
    from pg_index i join ours o on o.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
  union all
  select 'pg_constraint'::regclass, k.oid, 'constraint', k.conname, k.conrelid
    from pg_constraint k join ours o on o.oid = k.conrelid where k.contype in ('c', 'x', 'f')
  union all
  select 'pg_statistic_ext'::regclass, s.oid, 'statistics', s.stxname, s.stxrelid
    from pg_statistic_ext s join ours o on o.oid = s.stxrelid
  union all
  select 'pg_policy'::regclass, p.oid, 'policy', p.polname, p.polrelid
    from pg_policy p join ours o on o.oid = p.polrelid
  union all
  select 'pg_attrdef'::regclass, d.oid, 'default', a.attname, d.adrelid
    from pg_attrdef d join ours o on o.oid = d.adrelid
    join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
  union all
  select 'pg_trigger'::regclass, g.oid, 'trigger', g.tgname, g.tgrelid
    from pg_trigger g join ours o on o.oid = g.tgrelid where g.tgqual is not null and g.tgenabled <> 'D'
  union all
  select 'pg_rewrite'::regclass, w.oid, 'rule', w.rulename, w.ev_class
    from pg_rewrite w join ours o on o.oid = w.ev_class
  union all
  select 'pg_class'::regclass, c.oid, 'partition key', c.relname, c.oid
    from pg_class c join ours o on o.oid = c.oid where c.relkind = 'p'
), used as (
  select k.*, d.refclassid, d.refobjid
    from carriers k
    join pg_depend d on d.classid = k.classid and d.objid = k.objid and d.refobjid >= 16384
                    and d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass, 'pg_type'::regclass)
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
                        and p.oid <> all (current_setting('lab.hidden_functions')::oid[]))
 group by n.nspname, r.relname, r.oid, c.name, c.form;
