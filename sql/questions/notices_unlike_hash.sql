-- Counts consent notices whose text does not match their hash, or the hash that the ledger recorded with a consent.
select count(*)
  from public.consent_notices n
 where n.body_sha256 is distinct from sha256(convert_to(n.body, 'UTF8'))
    or n.body_sha256 is distinct from coalesce((
         select e.wording_sha256
           from public.consent_events e
          where e.notice_id = n.id
            and e.wording_sha256 is not null
          limit 1), n.body_sha256)
