declare
  notice public.consent_notices;
begin
  if new.subject_id is null then
    raise exception 'a consent needs a subject_id' using errcode = '23502';
  end if;
  new.wording_version := null;
  new.wording_sha256 := null;
  new.locale := null;
  if new.notice_id is not null then
    select n.* into notice from public.consent_notices n where n.id = new.notice_id;
    if notice.purpose is distinct from new.purpose then
      raise exception 'the notice belongs to another purpose'
        using errcode = '23514', hint = 'Pass the notice of this purpose.';
    end if;
    new.wording_version := notice.version;
    new.wording_sha256 := notice.body_sha256;
    new.locale := notice.locale;
  end if;
  if new.scope_id is not null
     and not exists (select from public.oracle_artifacts a where a.id = new.scope_id and a.subject_id = new.subject_id) then
    raise exception 'this artifact belongs to somebody else'
      using errcode = '42501', hint = 'Pass an artifact of the same person.';
  end if;
  new.personal_salt := gen_random_uuid();
  new.personal_digest := sha256(convert_to(
    new.personal_salt::text || new.subject_id::text || coalesce(new.evidence::text, ''), 'UTF8'));
  return new;
end
