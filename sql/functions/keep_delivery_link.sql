#variable_conflict use_column
declare
  until timestamptz;
begin
  if coalesce(octet_length(keep_delivery_link.token_sha256), 0) <> 32
     or coalesce(keep_delivery_link.purpose, '') not in ('open', 'recover', 'unsubscribe')
     or coalesce(keep_delivery_link.valid_seconds, 0) not between 1 and 366 * 86400 then
    raise exception 'a link needs a purpose, the hash of its token and 1 second to 366 days'
      using errcode = '22023', hint = 'Pass open, recover or unsubscribe.';
  end if;
  if not exists (
       select
         from public.delivery_jobs j
        where j.id = keep_delivery_link.job_id
          and j.lease_token = keep_delivery_link.lease_token
          and j.lease_until > clock_timestamp()) then
    return null;
  end if;
  insert into public.delivery_links (job_id, purpose, token_sha256, expires_at)
  values (keep_delivery_link.job_id, keep_delivery_link.purpose, keep_delivery_link.token_sha256,
          now() + make_interval(secs => keep_delivery_link.valid_seconds))
      on conflict (token_sha256) do nothing;
  select l.expires_at into until
    from public.delivery_links l
   where l.token_sha256 = keep_delivery_link.token_sha256
     and l.job_id = keep_delivery_link.job_id
     and l.purpose = keep_delivery_link.purpose;
  return until;
end
