-- Waits in the queue of the lock, so that nobody is passed over, but only briefly: less than deadlock_timeout (1 s by
-- default). A transaction that is chosen as the victim of a deadlock continues without the lock.
declare
  number bigint := wall.lock_number('person ' || lock_person.subject);
  limit_before text;
begin
  if (case when lock_person.exclusive then pg_try_advisory_xact_lock(number)
           else pg_try_advisory_xact_lock_shared(number) end) then
    return true;
  end if;
  if lock_person.milliseconds = 0 then
    return false;
  end if;
  limit_before := current_setting('lock_timeout');
  begin
    perform set_config('lock_timeout', lock_person.milliseconds || 'ms', true);
    if lock_person.exclusive then
      perform pg_advisory_xact_lock(number);
    else
      perform pg_advisory_xact_lock_shared(number);
    end if;
    perform set_config('lock_timeout', limit_before, true);
    return true;
  exception when lock_not_available or deadlock_detected then
    return false;
  end;
end
