-- The job stays locked until the commit, and the trigger on the intent checks the consents again at the commit. So a
-- withdrawal that was committed before is seen, and a later one finds the intent. An operator who stops deliveries waits
-- for the intents that are being committed, and meanwhile nothing new is begun. The real clock decides about a lease,
-- because now() is the time at which the transaction began.
#variable_conflict use_column
declare
  job public.delivery_jobs;
  effect public.delivery_effects;
  limits record;
  stopped text[];
  reason text;
  own text;
  switching boolean;
begin
  perform wall.refuse_stale_snapshot();
  select a.* into limits from wall.provider_ability(begin_send.provider) a;
  if not found then
    raise exception 'unknown provider' using errcode = '22023', hint = 'The rules list the providers.';
  end if;
  if coalesce(octet_length(begin_send.content_sha256), 0) <> 32 or num_nulls(begin_send.address, begin_send.rules_version) > 0 then
    raise exception 'an intent needs the address, the hash of the message and the version of the rules'
      using errcode = '22023', hint = 'Render the message first.';
  end if;
  select j.* into job
    from public.delivery_jobs j
   where j.id = begin_send.job_id and j.lease_token = begin_send.lease_token
     for update;
  if job.id is null or job.lease_until <= clock_timestamp() then
    return 'fenced';
  end if;
  if job.leg <> 'email' then
    raise exception 'a job of the account leg sends no message'
      using errcode = '22023', hint = 'Complete it with complete_delivery_job.';
  end if;
  select e.* into effect
    from public.delivery_effects e
   where e.job_id = job.id and e.state <> 'refused'
     for update;
  if effect.state in ('sent', 'uncertain') then
    return effect.state;
  end if;
  if effect.id is not null and limits.ability = 'askable' then
    return 'ask';
  end if;
  if effect.id is not null and (effect.provider <> begin_send.provider or effect.content_sha256 <> begin_send.content_sha256
                                or effect.lease_token = begin_send.lease_token or not wall.may_repeat(effect.id)) then
    return 'uncertain';
  end if;

  switching := not pg_try_advisory_xact_lock_shared(wall.lock_number('deliveries'));
  stopped := wall.stopped_channels();
  own := wall.job_address(job.subject_id, job.channel, job.artifact_id);
  reason := case
              when switching then 'stopped'
              when stopped && array['all', job.channel] then 'stopped'
              when job.cancel_requested
                   or not wall.job_consents_valid(job.subject_id, job.channel, job.leg, job.artifact_id) then 'withheld'
              when own is null then 'address.missing'
              when own <> begin_send.address then 'address.changed'
              when exists (select
                             from public.email_suppressions s
                            where s.address_sha256 = sha256(convert_to(lower(own), 'UTF8'))) then 'address.suppressed'
            end;
  reason := coalesce('environment.' || wall.environment_fault(begin_send.environment), reason);
  if reason is not null then
    return reason;
  end if;
  if effect.id is not null then
    update public.delivery_effects e
       set calls = e.calls + 1, lease_token = job.lease_token
     where e.id = effect.id;
  else
    insert into public.delivery_effects
           (job_id, attempt, provider, consent_event_id, content_sha256, rules_version, lease_token, created_at)
    values (job.id, job.attempts, begin_send.provider, wall.newest_consent(job.subject_id, 'email_delivery', null),
            begin_send.content_sha256, begin_send.rules_version, job.lease_token, clock_timestamp());
  end if;
  return 'send';
end
