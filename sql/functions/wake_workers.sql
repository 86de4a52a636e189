-- The arguments are the channel, and the number of a lock that each sleeping worker shares. While nobody sleeps, no
-- notification is sent: it would take a lock of the whole server at commit. The lock is free again at once, so that
-- those who queue jobs at the same time hinder nobody. A worker that has just looked and is about to sleep may be
-- missed; it looks again by itself.
begin
  if pg_try_advisory_lock(tg_argv[1]::bigint) then
    perform pg_advisory_unlock(tg_argv[1]::bigint);
  else
    perform pg_notify(tg_argv[0], '');
  end if;
  return null;
end
