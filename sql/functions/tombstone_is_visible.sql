-- True when every transaction of this database below the barrier has ended, or when no transaction could have missed
-- the tombstone. A snapshot lists transactions of the whole server; the database of one is found by its lock. One
-- without a lock has just ended or just begun, and its status, which is read after the lock, shows which.
declare
  barrier xid8;
  open xid8;
  place name;
begin
  if wall.created_in_transaction(tombstone_is_visible.request) then
    return true;
  end if;
  select e.barrier_xid into barrier from public.erased_subjects e where e.request_id = tombstone_is_visible.request;
  if barrier is null then
    return false;
  end if;
  -- A barrier above every id of this server comes from another server, before this database was restored here. The
  -- transactions of that time have ended. A barrier that was written on this server is below every later snapshot.
  if barrier >= pg_snapshot_xmax(pg_current_snapshot()) and barrier <> pg_current_xact_id() then
    return true;
  end if;
  for open in
    select x.number from pg_snapshot_xip(pg_current_snapshot()) as x (number) where x.number < barrier
     union all
    -- The snapshot does not list ids above that of the latest ended transaction.
    select n::text::xid8
      from generate_series(pg_snapshot_xmax(pg_current_snapshot())::text::bigint, barrier::text::bigint - 1) as n
  loop
    place := coalesce(
      (select a.datname
         from pg_locks l
         join pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'transactionid' and l.transactionid = open::xid and l.granted
        limit 1),
      (select p.database from pg_prepared_xacts p where p.transaction = open::xid));
    if coalesce(place, current_database()) = current_database() and pg_xact_status(open) = 'in progress' then
      return false;
    end if;
  end loop;
  return true;
end
