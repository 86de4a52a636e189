declare
  unfinished text;
begin
  if (new.extended_until, new.extension_reason) is distinct from (old.extended_until, old.extension_reason)
     and (old.extended_until is not null or old.closed_at is not null or now() > old.due_at) then
    raise exception 'the deadline of this request cannot be extended'
      using errcode = '42501', hint = 'A deadline can be extended once, before it has passed and with a reason.';
  end if;
  if new.status is distinct from old.status and new.status = 'done' then
    select string_agg(w, ', ') into unfinished
      from (select 'the person''s rows' where new.kind = 'deletion' and new.subject_id is not null
            union all
            select 'files in storage'
             where exists (select from public.storage_deletions d where d.request_id = new.id and d.done_at is null)
            union all
            select 'the step ' || s.name
              from public.privacy_request_steps s
             where s.request_id = new.id and s.status not in ('done', 'skipped')) as waiting (w);
    if unfinished is not null then
      raise exception 'the request cannot be closed: it waits for %', unfinished
        using errcode = '23514', hint = 'Finish what is left first.';
    end if;
  end if;
  new.closed_at := case
                     when new.status not in ('done', 'refused', 'cancelled') then null
                     else coalesce(old.closed_at, now())
                   end;
  return new;
end
