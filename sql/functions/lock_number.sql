-- Any login can take an advisory lock, but only with this database's secret key can it compute whose lock a number is.
begin
  return ('x' || encode(substr(sha256(coalesce((select k.key from public.erasure_keys k), '') || convert_to(name, 'UTF8')), 1, 8),
                        'hex'))::bit(64)::bigint;
end
