-- Triggers, except internal ones, with their state (O origin, A always, R replica, D disabled).
select 'trigger' as kind,
       concat(g.tgrelid::regclass, '.', quote_ident(g.tgname)) as key,
       g.tgrelid::regclass::text as relation,
       pg_get_triggerdef(g.oid) as definition,
       g.tgenabled as enabled,
       (select d.description from pg_description d
         where d.objoid = g.oid and d.classoid = 'pg_trigger'::regclass and d.objsubid = 0) as comment
  from pg_trigger g
 where g.tgrelid = any ((select current_setting('lab.relations')::oid[])::oid[]) and not g.tgisinternal;
