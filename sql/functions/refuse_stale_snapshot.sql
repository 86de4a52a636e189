-- At REPEATABLE READ and SERIALIZABLE a transaction keeps its first snapshot. If others have committed since, its
-- decision could be based on old data, so it fails with the SQLSTATE for "try again". Transactions that are still open
-- check for themselves at commit. pg_xact_status raises an error for the first unassigned id, which ends the loop.
declare
  snapshot pg_snapshot := pg_current_snapshot();
  number bigint := pg_snapshot_xmax(snapshot)::text::bigint;
  last bigint := number + 1000;  -- after so many transactions the snapshot is stale without a check
  stale boolean;
begin
  if current_setting('transaction_isolation') not in ('repeatable read', 'serializable') then
    return;
  end if;
  select coalesce(bool_or(pg_xact_status(x) = 'committed'), false) into stale from pg_snapshot_xip(snapshot) as x;
  begin
    while not stale loop
      stale := number > last or coalesce(pg_xact_status(number::text::xid8) = 'committed', false);
      number := number + 1;
    end loop;
  exception when invalid_parameter_value then
    null;
  end;
  if stale then
    raise exception 'other transactions have committed since this one began'
      using errcode = '40001', hint = 'Try the whole transaction again; at READ COMMITTED this does not happen.';
  end if;
end
