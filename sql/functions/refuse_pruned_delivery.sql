-- Runs after the key was found to be free. A job with this key that was pruned meanwhile has left its record, which this
-- query sees, because each query of a transaction at READ COMMITTED sees what was committed before it. An older snapshot
-- does not; but what it delivers is then as old as a pruned job.
begin
  if exists (select from public.delivery_records r where r.idempotency_key = new.idempotency_key) then
    raise exception 'this delivery ended long ago, and its job was pruned'
      using errcode = '40001', hint = 'Try again: enqueue_delivery_job then says how it ended.';
  end if;
  if current_setting('transaction_isolation') <> 'read committed'
     and least((select a.created_at from public.oracle_artifacts a where a.id = new.artifact_id),
               (select p.created_at from public.purchases p where p.id = new.purchase_id),
               (select e.created_at from public.echo_entries e where e.id = new.echo_entry_id))
         < now() - make_interval(days => wall.kept_days()) then
    perform wall.refuse_stale_snapshot();
  end if;
  return null;
end
