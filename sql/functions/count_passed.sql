-- A person may ask about their own withdrawals only. Messages count from the consent before it on.
#variable_conflict use_column
declare
  withdrawal public.consent_events;
  began bigint;
begin
  select e.* into withdrawal
    from public.consent_events e
   where e.id = count_passed.entry_id
     and e.action = 'withdrawn'
     and (current_setting('role', true) is distinct from 'authenticated' or e.subject_id = (select auth.uid()));
  if withdrawal.id is null then
    raise exception 'this is not a withdrawal of yours'
      using errcode = 'P0002', hint = 'Pass the id that the withdrawal returned.';
  end if;
  select max(e.id) into began
    from public.consent_events e
   where e.subject_id = withdrawal.subject_id
     and e.purpose = withdrawal.purpose
     and e.scope_id is not distinct from withdrawal.scope_id
     and e.action = 'withdrawn'
     and e.id < withdrawal.id;
  return query
  select count(*) filter (where f.state in ('intent', 'sent')),
         count(*) filter (where f.state = 'uncertain')
    from public.delivery_jobs j
    join public.delivery_effects f on f.job_id = j.id
    left join public.consent_events b on b.id = began
   where j.subject_id = withdrawal.subject_id
     and withdrawal.purpose = any (wall.job_purposes(j.channel, j.leg))
     and wall.consent_scope(withdrawal.purpose, j.artifact_id) is not distinct from withdrawal.scope_id
     and f.state <> 'refused'
     and (b.id is null or f.created_at > b.created_at);
end
