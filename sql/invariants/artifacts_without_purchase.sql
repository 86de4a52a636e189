-- An artifact is sold; one that is ready and belongs to no paid purchase was given away, or its purchase was lost.
select count(*)
  from (select a.scroll_id
          from public.oracle_artifacts a
         where a.state = 'ready'
         order by a.ready_at desc
         limit nullif(current_setting('lab.recent', true), '')::bigint) a
 where not exists (
         select from public.purchases p where p.scroll_id = a.scroll_id and p.paid_at is not null)
