-- Counts sealed readings and Passport records whose content does not match their seal.
select (select count(*)
          from (select s.*
                  from public.oracle_scrolls s
                 where s.sealed_at is not null
                 order by s.sealed_at desc
                 limit nullif(current_setting('lab.recent', true), '')::bigint) s
         where s.seal_hash is distinct from wall.seal_content(to_jsonb(s)))
     + (select count(*)
          from (select p.*
                  from public.passport_records p
                 where p.sealed_at is not null
                 order by p.sealed_at desc
                 limit nullif(current_setting('lab.recent', true), '')::bigint) p
          join public.oracle_scrolls s on s.id = p.scroll_id
         where p.seal_hash is distinct from wall.seal_content(to_jsonb(p))
            or p.scroll_seal_hash is distinct from s.seal_hash)
