-- Adds the missing rows to the hash chain.
select * from public.seal_ledgers();
