-- Rewrite rules, except those of views.
select 'rule' as kind,
       concat(w.ev_class::regclass, '.', quote_ident(w.rulename)) as key,
       w.ev_class::regclass::text as relation,
       pg_get_ruledef(w.oid) as definition,
       w.ev_enabled as enabled
  from pg_rewrite w
 where w.ev_class = any ((select current_setting('lab.relations')::oid[])::oid[]) and w.rulename <> '_RETURN';
