-- Checks again at commit, after every write. The shared lock is held only for the commit: a withdrawal that was
-- committed before is visible here, and a later one sees the row. A withdrawal or an erasure in the same transaction
-- came after the row and was applied to it already.
declare
  entry jsonb := to_jsonb(new);
  artifact uuid := (entry ->> 'artifact_id')::uuid;
  person uuid := (entry ->> 'subject_id')::uuid;
  scope uuid := wall.consent_scope(tg_argv[0], (entry ->> 'artifact_id')::uuid);
  number xid;
begin
  if person is null then
    select a.subject_id into person from public.oracle_artifacts a where a.id = artifact;
  end if;
  if not wall.lock_person(person, false, 900) then
    raise exception '% cannot be written while its owner decides about the consent %', tg_table_name, tg_argv[0]
      using errcode = '40001', hint = 'Try the whole transaction again.';
  end if;
  perform wall.refuse_stale_snapshot();
  if wall.consent_is_valid(person, tg_argv[0], scope)
     and (not entry ? 'consent_event_id' or wall.consent_still_valid((entry ->> 'consent_event_id')::bigint)) then
    return null;
  end if;
  select e.xmin into number from public.consent_events e where e.id = wall.newest_consent(person, tg_argv[0], scope);
  if wall.is_erased(person) or wall.written_in_transaction(number) then
    return null;
  end if;
  raise exception '% needs the consent %, which was withdrawn meanwhile', tg_table_name, tg_argv[0]
    using errcode = '40001', hint = 'Try the whole transaction again; the gate then says what is missing.';
end
