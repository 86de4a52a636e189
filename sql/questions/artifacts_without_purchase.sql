-- Counts ready artifacts of which neither the purchase nor one of their reading was paid.
select count(*)
  from (select a.scroll_id, a.purchase_id
          from public.oracle_artifacts a
         where a.state = 'ready'
         order by a.ready_at desc
         limit nullif(current_setting('lab.recent', true), '')::bigint) a
 where not exists (
         select from public.purchases p where p.scroll_id = a.scroll_id and p.paid_at is not null)
   and not exists (
         select from public.purchases p where p.id = a.purchase_id and p.paid_at is not null)
