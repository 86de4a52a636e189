-- Counts purchases that were paid more than 15 minutes ago and are still locked, without a review that keeps them locked.
select count(*)
  from public.purchases p
 where p.status = 'paid' and p.unlocked_at is null and p.paid_at < now() - interval '15 minutes'
   and not exists (
         select from public.payment_reviews r
          where r.purchase_id = p.id and r.decision is distinct from 'unlock'
            and r.reason in ('unknown_price', 'price_differs', 'quantity_differs', 'currency_differs',
                             'amount_differs', 'mode_differs'))
