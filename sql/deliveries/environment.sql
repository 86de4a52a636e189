-- The environment that was opened last, and whether that was in this very database.
-- A restored dump has another cluster, a restored backup another timeline, a copy in the same cluster another id.
select e.environment, e.created_at as opened_at,
       e.system_identifier <> (select s.system_identifier from pg_control_system() s)
         or e.timeline <> (select c.timeline_id from pg_control_checkpoint() c)
         or e.database_oid <> (select d.oid::bigint from pg_database d where d.datname = current_database()) as copied
  from operations.delivery_environments e
 order by e.id desc
 limit 1
