-- Binds every role: the row repeats the newest ledger entry and never returns to an older one. A new row that a newer
-- entry has overtaken is skipped without an error, so that nobody's decision fails.
declare
  newest bigint;
  given boolean;
  decided timestamptz;
begin
  if tg_op = 'DELETE' then
    if wall.is_erasing(old.subject_id) then
      return old;
    end if;
    raise exception 'a consent cannot be removed by hand'
      using errcode = '42501', hint = 'Record a withdrawal in the ledger.';
  end if;
  select e.id, e.action = 'given', e.created_at into newest, given, decided
    from public.consent_events e
   where e.subject_id = new.subject_id and e.purpose = new.purpose and e.scope_id is not distinct from new.scope_id
   order by e.scope_id desc, e.id desc
   limit 1;
  if newest = new.event_id and given = new.standing and decided = new.changed_at then
    return new;
  end if;
  if tg_op = 'UPDATE' and new.event_id between old.event_id and newest - 1 then
    return null;
  end if;
  raise exception 'this differs from the newest entry of the consent ledger'
    using errcode = '42501', hint = 'Record the decision in the ledger. The database updates this row.';
end
