-- Triggers that people wrote, with their state (O origin, A always, R replica, D disabled), and rewrite rules.
select 'trigger' as kind,
       format('%I.%I.%I', n.nspname, c.relname, g.tgname) as key,
       jsonb_strip_nulls(jsonb_build_object(
         'relation', format('%I.%I', n.nspname, c.relname),
         'definition', pg_get_triggerdef(g.oid),
         'enabled', g.tgenabled,
         'comment', obj_description(g.oid, 'pg_trigger')
       )) as facts
  from pg_trigger g
  join pg_class c on c.oid = g.tgrelid
  join pg_namespace n on n.oid = c.relnamespace
 where g.tgrelid = any (current_setting('lab.relations')::oid[]) and not g.tgisinternal
union all
select 'rule' as kind,
       format('%I.%I.%I', n.nspname, c.relname, w.rulename) as key,
       jsonb_build_object(
         'relation', format('%I.%I', n.nspname, c.relname),
         'definition', pg_get_ruledef(w.oid),
         'enabled', w.ev_enabled
       ) as facts
  from pg_rewrite w
  join pg_class c on c.oid = w.ev_class
  join pg_namespace n on n.oid = c.relnamespace
 where w.ev_class = any (current_setting('lab.relations')::oid[]) and w.rulename <> '_RETURN';
