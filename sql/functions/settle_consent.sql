-- Makes everything follow the newest entry of the ledger. Waits for nobody: rows that somebody else holds are left out,
-- the consent is then marked as unsettled, and settle_consents comes back to it. Until then whoever uses such a row
-- asks the ledger: may_send_delivery_job, open_share_card, accept_gift.
-- A newer entry that was committed on the way is followed as well.
#variable_conflict use_column
declare
  entry public.consent_events;
  followed bigint;
  done record;
begin
  jobs := 0;
  closed := 0;
  for turn in 1 .. 10 loop
    select e.* into entry
      from public.consent_events e
     where e.id = wall.newest_consent(settle_consent.subject, settle_consent.purpose, settle_consent.scope);
    exit when entry.id is null or entry.id is not distinct from followed;
    followed := entry.id;
    select f.* into done
      from wall.follow_consent(entry.subject_id, entry.purpose, entry.scope_id, entry.action = 'given') f;
    jobs := jobs + done.jobs;
    closed := closed + done.closed;
    perform wall.copy_consent(entry.id, done.left_out or settle_consent.incomplete);
  end loop;
  return next;
end
