-- Tries instead of waiting in line: a bounded wait is over long before deadlock_timeout (1 s by default), so that nobody
-- who takes this lock is ever the victim of a deadlock.
declare
  number bigint := hashtextextended('person ' || lock_person.subject, 0);
  deadline timestamptz := clock_timestamp() + make_interval(secs => lock_person.milliseconds / 1000.0);
begin
  loop
    if (case when lock_person.alone then pg_try_advisory_xact_lock(number)
             else pg_try_advisory_xact_lock_shared(number) end) then
      return true;
    end if;
    if clock_timestamp() >= deadline then
      return false;
    end if;
    perform pg_sleep(0.001);
  end loop;
end
