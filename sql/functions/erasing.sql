-- The mark is set by erase_subject, and nobody who sets it can commit before nothing is left of the person. What is left
-- of an erasure that is over says nothing: a restored database may come to the same number again.
begin
  return exists (
    select
      from public.erased_subjects e
     where e.erasing_xid = pg_current_xact_id_if_assigned()
       and e.subject_id is not null
       and (erasing.subject is null or e.subject_id = erasing.subject));
end
