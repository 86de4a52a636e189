-- Any login may take an advisory lock; which number is whose, only this database's own key tells.
begin
  return ('x' || encode(substr(sha256(coalesce((select k.key from public.erasure_keys k), '') || convert_to(name, 'UTF8')), 1, 8),
                        'hex'))::bit(64)::bigint;
end
