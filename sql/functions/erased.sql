begin
  return exists (
    select
      from public.erased_subjects e
     where e.tombstone = sha256((select k.key from public.erasure_keys k) || uuid_send(erased.person)));
end
