begin
  return exists (
    select
      from public.erased_subjects e
     where e.tombstone = wall.tombstone(is_erased.person));
end
