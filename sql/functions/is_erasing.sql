-- erase_subject sets erasing_xid, and a transaction that sets it can commit only when nothing of the person is left.
-- The id alone does not count after that, because a restored database may reach the same transaction id again.
begin
  return exists (
    select
      from public.erased_subjects e
     where e.erasing_xid = pg_current_xact_id_if_assigned()
       and e.subject_id is not null
       and (is_erasing.subject is null or e.subject_id = is_erasing.subject));
end
