-- An account that was only changed looks as if it had just been made (written_here): it counts while this transaction has
-- changed no account at all.
begin
  if current_setting('track_counts') <> 'on' or pg_stat_get_xact_tuples_updated('auth.users'::regclass) > 0 then
    return false;
  end if;
  return exists (
    select
      from public.privacy_requests r
      join auth.users u on u.id = r.subject_id
     where r.id = made_here.request and r.created_at = now() and wall.written_here(u.xmin));
end
