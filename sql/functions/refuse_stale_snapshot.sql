-- At REPEATABLE READ and SERIALIZABLE a transaction sees the data of its beginning. If anything was committed since, it
-- could decide on what is no longer true, so it is refused with the code that means "try again". What is still open now
-- asks for itself as it commits.
-- pg_xact_status refuses the first number that no transaction has yet: that is the end of the walk.
declare
  seen pg_snapshot := pg_current_snapshot();
  number bigint := pg_snapshot_xmax(seen)::text::bigint;
  last bigint := number + 1000;  -- so much happened meanwhile that nobody needs to look
  stale boolean;
begin
  if current_setting('transaction_isolation') not in ('repeatable read', 'serializable') then
    return;
  end if;
  select coalesce(bool_or(pg_xact_status(x) = 'committed'), false) into stale from pg_snapshot_xip(seen) as x;
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
