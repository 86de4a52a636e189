-- Counts open share-cards whose owner's consent is not valid.
select count(*)
  from (select k.artifact_id
          from public.share_cards k
         where k.revoked_at is null
         order by k.created_at desc
         limit nullif(current_setting('lab.recent', true), '')::bigint) s
  join public.oracle_artifacts a on a.id = s.artifact_id
 where not exists (
         select
           from public.consents c
          where c.subject_id = a.subject_id and c.purpose = 'public_share' and c.standing
            and c.scope_id is not distinct from wall.consent_scope('public_share', s.artifact_id))
