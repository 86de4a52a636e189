begin
  return sha256((select k.key from public.erasure_keys k) || uuid_send(person));
end
