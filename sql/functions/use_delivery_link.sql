-- Whoever stops e-mail stops it for their own address: an invitation's recipient is not the person of the job, so their
-- address is suppressed and deleted, and its giver's consent stays as it is.
#variable_conflict use_column
declare
  link public.delivery_links;
  job public.delivery_jobs;
  stopped text[];
begin
  update public.delivery_links l
     set used_at = coalesce(l.used_at, clock_timestamp())
   where l.token_sha256 = sha256(convert_to(use_delivery_link.token, 'UTF8'))
     and l.expires_at > clock_timestamp()
     and (l.purpose <> 'recover' or l.used_at is null)
  returning l.* into link;
  if link.id is null then
    return;
  end if;
  select j.* into job from public.delivery_jobs j where j.id = link.job_id;
  if link.purpose = 'unsubscribe' and job.channel <> 'gift' then
    if wall.consent_is_valid(job.subject_id, 'email_delivery', null) then
      perform public.record_consent(job.subject_id, 'email_delivery', 'withdrawn', gen_random_uuid());
    end if;
  elsif link.purpose = 'unsubscribe' then
    with gone as (
      update public.gift_recipients g
         set withdrawn_at = coalesce(g.withdrawn_at, clock_timestamp()), contact = null, recipient_name = null
        from public.gift_recipients b
       where g.id = b.id and b.artifact_id = job.artifact_id and b.accepted_at is null and b.contact is not null
      returning b.contact
    )
    select array_agg(gone.contact) into stopped from gone;
    insert into public.email_suppressions (address_sha256, reason)
    select distinct sha256(convert_to(lower(s.address), 'UTF8')), 'unsubscribed' from unnest(stopped) as s (address)
        on conflict (address_sha256) do nothing;
  end if;
  return query
  select link.purpose, job.channel, job.subject_id, job.artifact_id, job.purchase_id, job.echo_entry_id;
end
