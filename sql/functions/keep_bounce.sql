-- The address leads to its person, and from there to the few messages that were sent to it. Only the recipient of a
-- message knows its Message-ID, so a stranger who knows an address cannot stop its e-mail.
#variable_conflict use_column
begin
  if coalesce(keep_bounce.message !~ '^[0-9a-f]{40}$', true)
     or coalesce(keep_bounce.reason, '') not in ('hard_bounce', 'complaint')
     or coalesce(octet_length(keep_bounce.address), 0) not between 3 and 254 then
    raise exception 'a report needs the digest of a message, an address and a reason'
      using errcode = '22023', hint = 'Pass what the report says, and nothing else.';
  end if;
  if not exists (
       select
         from (select j.id, j.idempotency_key
                 from auth.users u
                 join public.delivery_jobs j on j.subject_id = u.id and j.channel <> 'gift'
                where u.email in (keep_bounce.address, lower(keep_bounce.address))
               union all
               select j.id, j.idempotency_key
                 from public.gift_recipients g
                 join public.delivery_jobs j on j.artifact_id = g.artifact_id and j.channel = 'gift'
                where lower(g.contact) = lower(keep_bounce.address)) sent
        where left(encode(sha256(convert_to(sent.idempotency_key, 'UTF8')), 'hex'), 40) = keep_bounce.message
          and exists (select from public.delivery_effects e where e.job_id = sent.id and e.state <> 'refused')) then
    return 'not_ours';
  end if;
  insert into public.email_suppressions (address_sha256, reason, provider_code)
  values (sha256(convert_to(lower(keep_bounce.address), 'UTF8')), keep_bounce.reason, keep_bounce.provider_code)
      on conflict (address_sha256) do nothing;
  return case when found then 'kept' else 'known' end;
end
