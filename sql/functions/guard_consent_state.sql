-- Holds against every role: the state repeats a ledger entry, and never goes back to an older one.
declare
  entry public.consent_events;
begin
  if tg_op = 'DELETE' then
    if wall.erasing(old.subject_id) then
      return old;
    end if;
    raise exception 'consents follow the ledger: a row is not removed by hand'
      using errcode = '42501', hint = 'Record a withdrawal in the ledger.';
  end if;
  select e.* into entry from public.consent_events e where e.id = new.event_id;
  if entry.subject_id is distinct from new.subject_id
     or entry.purpose is distinct from new.purpose
     or entry.scope_id is distinct from new.scope_id
     or (entry.action = 'given') is distinct from new.standing
     or entry.created_at is distinct from new.changed_at
     or (tg_op = 'UPDATE' and new.event_id < old.event_id) then
    raise exception 'consents follow the ledger: this is not what the latest entry says'
      using errcode = '42501', hint = 'Record the decision in the ledger; the state follows by itself.';
  end if;
  return new;
end
