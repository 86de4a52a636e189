-- What is unlocked without a payment was given away, by a mistake or by somebody who knew how.
select count(*)
  from public.purchases p
 where p.unlocked_at is not null and p.status in ('open', 'processing', 'failed', 'expired')
