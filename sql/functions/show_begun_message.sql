-- Whatever takes a job out of the queue between two attempts: a withdrawal, an operator, an erasure. Its message may have
-- been sent although its provider did not answer, and no later attempt finds that out any more.
begin
  update public.delivery_effects e
     set state = 'uncertain'
   where e.job_id = new.id and e.state = 'intent';
  if found then
    new.status := 'dead';
    new.error_class := 'send.no_answer';
    new.cancel_requested := false;
    new.finished_at := now();
  end if;
  return new;
end
