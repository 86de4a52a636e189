-- Closes every open card whose owner's consent is not valid.
update public.share_cards s
   set revoked_at = now()
  from public.oracle_artifacts a
 where a.id = s.artifact_id and s.revoked_at is null
   and not exists (
         select
           from public.consents c
          where c.subject_id = a.subject_id and c.purpose = 'public_share' and c.standing
            and c.scope_id is not distinct from wall.consent_scope('public_share', s.artifact_id));
