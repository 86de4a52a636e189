-- Counts sealed Passport records whose reading is missing or not sealed.
select count(*)
  from (select p.scroll_id
          from public.passport_records p
         where p.sealed_at is not null
         order by p.sealed_at desc
         limit nullif(current_setting('lab.recent', true), '')::bigint) p
  left join public.oracle_scrolls s on s.id = p.scroll_id
 where s.sealed_at is null
