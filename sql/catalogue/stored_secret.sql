-- Reads texts of undeclared objects that may hold a key, a token or a password; every role that can connect can read
-- most of them. The pattern finds candidates, and the program decides without showing a text. Expressions without text
-- constants are left out, and so are checks and defaults whose constants are all shorter than six bytes, because every
-- secret is longer. `own` marks texts that only their owner can read. Other queries read declared objects.
with relations as materialized (
  select unnest(current_setting('lab.relations')::oid[]) as oid
), functions as materialized (
  select unnest(current_setting('lab.functions')::oid[]) as oid
), texts (place, subject, text, own) as (
  select 'trigger', concat(g.tgrelid::regclass, '.', quote_ident(g.tgname)),
         replace(encode(g.tgargs, 'escape'), concat(chr(92), '000'), chr(10)), false
    from pg_trigger g
   where g.tgnargs > 0 and g.tgrelid not in (select o.oid from relations o)
  union all
  select 'function', p.oid::regprocedure::text,
         concat_ws(chr(10), p.prosrc, p.proconfig::text, pg_get_expr(p.proargdefaults, 0),
                   case when p.prosqlbody is not null then pg_get_function_sqlbody(p.oid) end), false
    from pg_proc p
   where p.oid >= 16384 and p.probin is null
     and p.oid not in (select o.oid from functions o)
  union all
  select 'default', concat(d.adrelid::regclass, '.', quote_ident(a.attname)), pg_get_expr(d.adbin, d.adrelid), false
    from pg_attrdef d
    join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
   where d.adrelid >= 16384
     and case when d.adrelid not in (select o.oid from relations o) and d.adbin::text like '%:constvalue __% [%'
              then d.adbin::text ~ ':consttype (25|1043|114|3802) ' end
  union all
  select 'check', concat(k.conrelid::regclass, '.', quote_ident(k.conname)), pg_get_expr(k.conbin, k.conrelid), false
    from pg_constraint k
   where k.contype = 'c' and k.conrelid >= 16384
     and case when k.conrelid not in (select o.oid from relations o) and k.conbin::text like '%:constvalue __% [%'
              then k.conbin::text ~ ':consttype (25|1043|114|3802) ' end
  union all
  -- Read from the view, because pg_policies needs no further right.
  select 'policy', pg_catalog.format('%I.%I.%I', p.schemaname, p.tablename, p.policyname),
         concat_ws(chr(10), p.qual, p.with_check), false
    from pg_policies p
   where p.tablename <> all (current_setting('lab.tables')::name[]) or p.schemaname <> 'public'
  union all
  select case when r.rulename = '_RETURN' then 'view' else 'rule' end,
         concat(r.ev_class::regclass, case when r.rulename <> '_RETURN' then '.' || quote_ident(r.rulename) end),
         pg_get_ruledef(r.oid), false
    from pg_rewrite r
   where r.oid >= 16384
     and case when r.ev_class not in (select o.oid from relations o)
              then concat(r.ev_qual::text, r.ev_action::text) ~ ':consttype (25|1043|114|3802) ' end
  union all
  select 'index', i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), false
    from pg_index i
   where i.indexrelid >= 16384 and (i.indpred is not null or i.indexprs is not null)
     and i.indrelid not in (select o.oid from relations o)
  union all
  select 'comment', concat_ws('.', c.oid::regclass, quote_ident(a.attname)), d.description, false
    from pg_description d
    join pg_class c on c.oid = d.objoid and c.relkind in ('r', 'p', 'v', 'm', 'f')
    left join pg_attribute a on d.objsubid > 0 and a.attrelid = c.oid and a.attnum = d.objsubid
   where d.objoid >= 16384 and d.classoid = 'pg_class'::regclass and d.objoid not in (select o.oid from relations o)
  union all
  select 'comment', d.objoid::regprocedure::text, d.description, false
    from pg_description d
   where d.objoid >= 16384 and d.classoid = 'pg_proc'::regclass and d.objoid not in (select o.oid from functions o)
  union all
  select 'setting', concat_ws(' ', case when s.setrole = 0 then 'every role' else s.setrole::regrole::text end,
                              case when s.setdatabase <> 0 then current_database() end), s.setconfig::text, false
    from pg_db_role_setting s
   where s.setdatabase in (0, current_setting('lab.database')::oid)
  union all
  select 'foreign server', quote_ident(s.srvname), s.srvoptions::text, false from pg_foreign_server s
  union all
  select 'foreign table', f.ftrelid::regclass::text, f.ftoptions::text, false from pg_foreign_table f
  union all
  select 'user mapping', pg_catalog.format('%I for %I', u.srvname, u.usename), u.umoptions::text, true
    from pg_user_mappings u
  union all
  -- Reports only that the table exists; a second query reads its rows.
  select 'schedule', 'cron.job', 'key=', true
    from pg_attribute a
   where a.attrelid = to_regclass('cron.job') and a.attname = 'command'
  offset 0 -- the pattern is applied last, after the filters above
)
select 'stored_secret' as kind, concat_ws(' ', t.subject) as key, t.place, t.own, left(t.text, 100000) as text
  from texts t
 where t.text ~ (
         'eyJ|_live_|_test_|whsec_|sb_secret|sbp_|sk-|gsk_|hf_|xai-|re_|SG[.]|gh[oprsu]_|github_pat|glpat-|npm_|pypi-'
         '|dop_v1_|AKIA|ASIA|xox|hooks[.]slack|webhooks/|[0-9]:[A-Z]|key-|SK[0-9]|PRIVATE KEY|://|Bearer|Basic'
         '|password|[Tt]oken|[Ss]ecret|[Kk]ey["'']|uthorization|[Kk]ey=')
