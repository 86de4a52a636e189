-- Every transaction of this database numbered below the barrier has ended; a tombstone that nobody could have missed
-- needs none. A snapshot counts the whole server's transactions: one of another database is told by its lock. One that
-- has no lock has just ended or just begun, and its status, looked at after the lock, tells which.
declare
  barrier xid8;
  open xid8;
  place name;
begin
  if wall.made_here(erasure_settled.request) then
    return true;
  end if;
  select e.barrier_xid into barrier from public.erased_subjects e where e.request_id = erasure_settled.request;
  if barrier is null then
    return false;
  end if;
  -- A number that this server has not come to was given out by another one, before this database was restored here:
  -- whoever was open then is gone. A barrier that another transaction wrote here is behind every later snapshot.
  if barrier >= pg_snapshot_xmax(pg_current_snapshot()) and barrier <> pg_current_xact_id() then
    return true;
  end if;
  for open in
    select x.number from pg_snapshot_xip(pg_current_snapshot()) as x (number) where x.number < barrier
     union all
    -- Numbers that were given out after the latest transaction that has ended are not listed.
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
