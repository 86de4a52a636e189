-- Makes everything follow the newest entry of the ledger. Waits for nobody: rows that somebody else holds are left out,
-- the consent is then marked as unsettled, and settle_consents comes back to it. Until then whoever uses such a row
-- asks the ledger: may_send_delivery_job, open_share_card, accept_gift.
-- A newer entry that is committed on the way settles what rests on it as it commits.
#variable_conflict use_column
declare
  entry public.consent_events;
  done record;
begin
  jobs := 0;
  closed := 0;
  select e.* into entry
    from public.consent_events e
   where e.id = wall.newest_consent(settle_consent.subject, settle_consent.purpose, settle_consent.scope);
  if entry.id is not null then
    select f.* into done
      from wall.follow_consent(entry.subject_id, entry.purpose, entry.scope_id, entry.action = 'given') f;
    jobs := done.jobs;
    closed := done.closed;
    perform wall.copy_consent(entry.id, done.left_out or settle_consent.incomplete);
  end if;
  return next;
end
