-- Reads what can prevent the deletion of an account: enabled triggers and rules on the platform's account tables, and
-- rights that the owner of these tables has lost.
with accounts as materialized (
  select c.oid, c.relname, c.relowner, c.relforcerowsecurity, n.nspname
    from pg_namespace n
    join pg_depend e on e.refclassid = 'pg_namespace'::regclass and e.refobjid = n.oid and e.classid = 'pg_class'::regclass
    join pg_class c on c.oid = e.objid and c.relkind in ('r', 'p')
   where n.nspname = 'auth'
)
select 'account_guard' as kind,
       format('%I.%I.%I', a.nspname, a.relname, g.tgname) as key,
       format('%I.%I', a.nspname, a.relname) as relation,
       'trigger' as form,
       g.tgtype & 2 <> 0 and g.tgtype & 1 <> 0 as may_skip,
       format('%I.%I', f.nspname, p.proname) as function,
       l.lanname as language,
       p.prosrc as body
  from accounts a
  join pg_trigger g on g.tgrelid = a.oid and not g.tgisinternal and g.tgenabled <> 'D' and g.tgtype & 8 <> 0
  join pg_proc p on p.oid = g.tgfoid
  join pg_namespace f on f.oid = p.pronamespace
  join pg_language l on l.oid = p.prolang
union all
select 'account_guard', format('%I.%I.%I', a.nspname, a.relname, w.rulename), format('%I.%I', a.nspname, a.relname),
       'rule', true, null, null, pg_get_ruledef(w.oid)
  from accounts a
  join pg_rewrite w on w.ev_class = a.oid and w.ev_enabled <> 'D'
union all
select 'account_guard', format('%I.%I.%s', a.nspname, a.relname, s.word), format('%I.%I', a.nspname, a.relname),
       s.word, true, null, null, null
  from accounts a
  join pg_roles r on r.oid = a.relowner
  cross join (values ('forced'), ('revoked')) as s (word)
 where case s.word when 'forced' then a.relforcerowsecurity and not (r.rolsuper or r.rolbypassrls)
                   else not has_table_privilege(a.relowner, a.oid, 'delete') end;
