-- Makes everything follow an entry of the ledger, the newest at the time. Waits for nobody: rows that somebody else
-- holds are left out, the consent is then marked as unsettled, and settle_consents comes back to it. Until then whoever
-- uses such a row asks the ledger: may_send_delivery_job, open_share_card, accept_gift.
-- A newer entry that is committed on the way settles what rests on it as it commits. What an older withdrawal had to
-- leave out is settled first, so that no new consent revives it.
declare
  withdrawn timestamptz;
  older jsonb := '{"jobs": 0, "closed": 0, "left_out": false}';
  newest jsonb;
begin
  if settle_consent.given then
    select e.created_at into withdrawn
      from public.consent_events e
      left join public.consents c
             on c.subject_id = e.subject_id and c.purpose = e.purpose and c.scope_id is not distinct from e.scope_id
     where e.subject_id = settle_consent.subject and e.purpose = settle_consent.purpose
       and e.scope_id is not distinct from settle_consent.scope and e.action = 'withdrawn'
       and (c.id is null or c.unsettled or e.id > c.event_id)
     order by e.scope_id desc, e.id desc
     limit 1;
    if withdrawn is not null then
      older := wall.follow_consent(subject, purpose, scope, false, withdrawn);
    end if;
  end if;
  newest := wall.follow_consent(subject, purpose, scope, given, 'infinity');
  perform wall.copy_consent(
    subject, purpose, scope, event_id, given, decided_at,
    (older -> 'left_out')::boolean or (newest -> 'left_out')::boolean or incomplete);
  return jsonb_build_object('purpose', purpose,
                            'jobs', (older -> 'jobs')::bigint + (newest -> 'jobs')::bigint,
                            'closed', (older -> 'closed')::bigint + (newest -> 'closed')::bigint);
end
