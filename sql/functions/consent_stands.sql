-- The share lock makes a withdrawal wait until this transaction has ended, and this one wait for a withdrawal
-- that came first: whatever rests on the consent is either cancelled by the withdrawal or refused by it.
begin
  perform
     from public.consents c
    where c.subject_id = consent_stands.subject
      and c.purpose = consent_stands.purpose
      and c.scope_id is not distinct from consent_stands.scope
      and c.standing
      for share;
  return found;
end
