-- To written_in_transaction an account that was only updated looks like a new one. So the answer is true only while
-- this transaction has updated no account.
begin
  if current_setting('track_counts') <> 'on' or pg_stat_get_xact_tuples_updated('auth.users'::regclass) > 0 then
    return false;
  end if;
  return exists (
    select
      from public.privacy_requests r
      join auth.users u on u.id = r.subject_id
     where r.id = created_in_transaction.request and r.created_at = now() and wall.written_in_transaction(u.xmin));
end
