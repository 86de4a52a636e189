-- Takes the rows that were left out into the chain.
select * from public.seal_ledgers();
