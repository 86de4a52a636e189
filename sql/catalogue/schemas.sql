-- Schemas of ours and those that the Data API serves; types, extensions and event triggers.
select 'schema' as kind,
       n.nspname::text as key,
       jsonb_strip_nulls(jsonb_build_object(
         'owner', pg_get_userbyid(n.nspowner),
         'comment', case when n.nspname <> 'public' then obj_description(n.oid, 'pg_namespace') end
       )) as facts
  from pg_namespace n
 where n.nspname = any (current_setting('lab.schemas')::text[]) or n.nspname = 'public'
union all
select 'type' as kind,
       format('%I.%I', n.nspname, t.typname) as key,
       jsonb_strip_nulls(jsonb_build_object(
         'form', t.typtype,
         'labels', (select jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid)
       )) as facts
  from pg_namespace n
  join pg_type t on t.typnamespace = n.oid and t.typtype in ('e', 'd')
 where n.nspname = any (current_setting('lab.schemas')::text[])
union all
select 'extension' as kind,
       e.extname::text as key,
       jsonb_build_object('schema', n.nspname, 'relocatable', e.extrelocatable) as facts
  from pg_extension e
  join pg_namespace n on n.oid = e.extnamespace
union all
select 'event_trigger' as kind,
       v.evtname::text as key,
       jsonb_build_object('event', v.evtevent, 'enabled', v.evtenabled, 'owner', pg_get_userbyid(v.evtowner),
                          'function', v.evtfoid::regproc::text) as facts
  from pg_event_trigger v;
