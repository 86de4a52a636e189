-- Subscriptions, which write rows of another server past row-level security and past triggers that are not always on.
select 'subscription' as kind,
       s.subname::text as key,
       s.subenabled as enabled,
       pg_get_userbyid(s.subowner) as owner,
       array_to_json(s.subpublications) as publications
  from pg_subscription s
 where s.subdbid = current_setting('lab.database')::oid;
