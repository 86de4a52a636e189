-- Counts paid sales to EU buyers that have neither a window of withdrawal nor a confirmed waiver.
select count(*)
  from (select p.id, p.status
          from public.purchases p
         where p.paid_at is not null and p.withdraw_until is null and p.buyer_kind = any ('{eu_consumer,unknown}')
         order by p.paid_at desc
         limit nullif(current_setting('lab.recent', true), '')::bigint) p
 where p.status in ('paid', 'disputed')
   and not exists (
         select from public.withdrawal_documents d where d.purchase_id = p.id and d.kind = 'waiver')
