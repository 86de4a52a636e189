-- Triggers, except internal ones, with their state (O origin, A always, R replica, D disabled).
select 'trigger' as kind,
       format('%I.%I.%I', n.nspname, c.relname, g.tgname) as key,
       format('%I.%I', n.nspname, c.relname) as relation,
       pg_get_triggerdef(g.oid) as definition,
       g.tgenabled as enabled,
       (select d.description from pg_description d
         where d.objoid = g.oid and d.classoid = 'pg_trigger'::regclass and d.objsubid = 0) as comment
  from pg_trigger g
  join pg_class c on c.oid = g.tgrelid
  join pg_namespace n on n.oid = c.relnamespace
 where g.tgrelid = any (current_setting('lab.relations')::oid[]) and not g.tgisinternal;
