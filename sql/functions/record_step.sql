begin
  insert into public.privacy_request_steps (request_id, position, name)
  values (record_step.request, place, step)
      on conflict (request_id, name) do nothing;
  if record_step.done then
    update public.privacy_request_steps s
       set status = 'running', attempts = s.attempts + 1, started_at = now()
     where s.request_id = record_step.request and s.name = step and s.status in ('pending', 'failed');
    update public.privacy_request_steps s
       set status = 'done', finished_at = now()
     where s.request_id = record_step.request and s.name = step and s.status = 'running';
  end if;
end
