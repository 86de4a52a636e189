-- A row that is seen although its transaction is still in progress was written by this one, or a savepoint of it. That
-- goes for a row that was only changed, too: it counts while this transaction has changed no account at all.
declare
  here bigint := pg_current_xact_id()::text::bigint;
  ahead bigint;
begin
  if current_setting('track_counts') <> 'on' or pg_stat_get_xact_tuples_updated('auth.users'::regclass) > 0 then
    return false;
  end if;
  select mod(u.xmin::text::bigint - here + 9223372032559808512, 4294967296) into ahead
    from public.privacy_requests r
    join auth.users u on u.id = r.subject_id
   where r.id = made_here.request and r.created_at = now();
  return coalesce(ahead < 2147483648 and pg_xact_status((here + ahead)::text::xid8) = 'in progress', false);
exception
  when invalid_parameter_value then -- a number that no transaction has had yet: the row is older than the count
    return false;
end
