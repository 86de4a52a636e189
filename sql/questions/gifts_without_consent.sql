-- Counts open invitations whose giver's consent is not valid.
select count(*)
  from public.gift_recipients g
 where g.accepted_at is null and g.withdrawn_at is null and g.expires_at > now()
   and not exists (
         select
           from public.consents c
          where c.subject_id = g.subject_id and c.purpose = 'gift_recipient' and c.standing
            and c.scope_id is not distinct from wall.consent_scope('gift_recipient', g.artifact_id))
