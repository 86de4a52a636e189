-- Takes no lock: a card that is written at the same time as the withdrawal stays hidden (open_share_card).
begin
  if exists (select from public.oracle_artifacts a where a.id = new.artifact_id and a.state = 'withdrawn') then
    raise exception 'this artifact was withdrawn and cannot be shared'
      using errcode = '42501', hint = 'Make the artifact ready again first, and ask its owner.';
  end if;
  return new;
end
