-- The newest events, with the state of their processing.
select e.created_at, e.type, e.status, e.error_class, e.attempts, e.deliveries, e.livemode,
       case when e.status in ('received', 'failed') then e.next_attempt_at end as next_attempt_at, e.processed_at,
       e.id, e.checkout_session_id as session_id, count(*) over () as total
  from operations.stripe_events e
 order by e.created_at desc, e.id
 limit %(most)s
