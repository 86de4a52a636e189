-- Counts the keys that are missing: there is one, or none.
select 1 - count(*) from public.erasure_keys k
