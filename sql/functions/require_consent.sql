-- The argument is the purpose. The person is the row's subject, or the owner of the artifact that the row shows.
declare
  entry jsonb := to_jsonb(new);
  artifact uuid := (entry ->> 'artifact_id')::uuid;
  person uuid := (entry ->> 'subject_id')::uuid;
begin
  if person is null then
    select a.subject_id into person from public.oracle_artifacts a where a.id = artifact;
  end if;
  if not wall.consent_is_valid(person, tg_argv[0], wall.consent_scope(tg_argv[0], artifact)) then
    raise exception '% needs the consent %, which is not given', tg_table_name, tg_argv[0]
      using errcode = '42501', hint = 'Ask for the consent first, and record the answer in the ledger.';
  end if;
  return new;
end
