-- Each call goes as far as it can without waiting for a lock, and returns a state:
--   waiting     the tombstone is written; transactions that began before it are still open, or another request of the
--               same person is erasing them
--   busy        another transaction has locked rows of the person; nothing was changed
--   paused      an open dispute or a legal hold; the reason is its code. The tombstone is written, all consents are
--               withdrawn, and no row is deleted yet
--   files       the rows are deleted; listed files must be deleted in storage
--   processors  data at other services must be deleted there
--   done        nothing is left; the request is closed
--   refused, cancelled   the request was closed before, and another request erased the person
#variable_conflict use_column
declare
  request public.privacy_requests;
  counts jsonb := '[]';
  lock_timeout_before text := current_setting('lock_timeout');
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'erase_subject runs only at READ COMMITTED'
      using errcode = '25001', hint = 'Call it in a transaction of its own, with the default isolation level.';
  end if;
  table_name := 'privacy_requests';
  affected := 0;
  set constraints public.erased_subjects_whole deferred;
  begin
    perform set_config('lock_timeout', '100ms', true);
    select r.* into request from public.privacy_requests r where r.id = erase_subject.privacy_request_id for update nowait;
    if request.kind is distinct from 'deletion'
       or request.subject_id is not null and request.status <> 'running' then
      raise exception 'this privacy request does not allow erasure'
        using errcode = '42501', hint = 'Erasure needs a deletion request that is verified and running.';
    end if;
    if request.subject_id is not null then
      if not pg_try_advisory_xact_lock(wall.lock_number('person ' || request.subject_id)) then
        raise lock_not_available;
      end if;
      if exists (
           select
             from public.erased_subjects e
            where e.subject_id = request.subject_id and e.request_id <> request.id) then
        state := 'waiting';
        reason := 'another_request';
      elsif not exists (select from public.erased_subjects e where e.request_id = request.id) then
        perform wall.begin_erasure(request.id, request.subject_id);  -- also if it is paused at once: consents end now
      else
        update public.erased_subjects e
           set barrier_xid = pg_current_xact_id()
         where e.request_id = request.id and e.barrier_xid is null and e.tombstone_xid <> pg_current_xact_id();
      end if;
      if state is null then
        reason := wall.erasure_pause(request.subject_id);
        if reason is not null then
          perform wall.record_pause(request.id, reason);
          state := 'paused';
        end if;
      end if;
      if state is null and not wall.tombstone_is_visible(request.id) then
        state := 'waiting';
        reason := 'older_transactions';
      end if;
      if state is null then
        perform wall.lock_rows_of_person(request.subject_id);
        begin
          update public.erased_subjects e set erasing_xid = pg_current_xact_id() where e.request_id = request.id;
        exception
          when object_in_use then  -- guard_erasure checks again, when some transaction ids cannot be told from older ones any more
            state := 'waiting';
            reason := 'older_transactions';
        end;
      end if;
      if state is null then
        update public.privacy_requests r
           set status = 'cancelled'
         where r.subject_id = request.subject_id and r.id <> request.id and r.status in ('received', 'verified');
        -- No other erasure starts meanwhile, because a gift could pass to that person.
        perform from public.erasure_keys k for share nowait;
        select jsonb_agg(jsonb_build_array(r.table_name, r.affected)) into counts
          from wall.erase_rows(request.subject_id, request.id) r;
        perform wall.record_step(request.id, 2, 'rows', true);
        insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
        values ('server', 'subject.erased', 'privacy_requests', request.id::text, 'done',
                jsonb_build_object('rows', (select sum((c ->> 1)::bigint) from jsonb_array_elements(counts) c)));
      end if;
    end if;
    if state is null and request.status in ('refused', 'cancelled') then
      state := request.status;
    end if;
    state := coalesce(state, wall.finish_erasure(request.id));
    perform set_config('lock_timeout', lock_timeout_before, true);
  exception
    when lock_not_available then
      state := 'busy';
      reason := 'rows_in_use';
      counts := '[]';
  end;
  if jsonb_array_length(counts) = 0 then
    return next;
  end if;
  return query
  select c ->> 0, (c ->> 1)::bigint, erase_subject.state, erase_subject.reason from jsonb_array_elements(counts) c;
end
