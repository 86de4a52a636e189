-- Money that went back, or was called back by a bank, no longer pays for what it unlocked.
select count(*)
  from public.purchases p
 where p.unlocked_at is not null and p.status in ('refunded', 'disputed')
