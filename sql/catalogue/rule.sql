-- Rewrite rules, except those of views.
select 'rule' as kind,
       format('%I.%I.%I', n.nspname, c.relname, w.rulename) as key,
       format('%I.%I', n.nspname, c.relname) as relation,
       pg_get_ruledef(w.oid) as definition,
       w.ev_enabled as enabled
  from pg_rewrite w
  join pg_class c on c.oid = w.ev_class
  join pg_namespace n on n.oid = c.relnamespace
 where w.ev_class = any (current_setting('lab.relations')::oid[]) and w.rulename <> '_RETURN';
