-- Sets the transaction ids and ignores the ones that were sent, so that nobody can shorten the wait or fake an erasure.
declare
  request public.privacy_requests;
begin
  select r.* into request from public.privacy_requests r where r.id = new.request_id;
  if tg_op = 'INSERT' then
    if request.kind = 'deletion' and request.status = 'running' and request.subject_id = new.subject_id then
      new.tombstone := wall.tombstone(new.subject_id);
      new.tombstone_xid := pg_current_xact_id();
      new.barrier_xid := null;
      new.erasing_xid := null;
      return new;
    end if;
  elsif new.erasing_xid is distinct from old.erasing_xid then
    if request.status = 'running' and request.subject_id = old.subject_id and new.barrier_xid is not distinct from old.barrier_xid then
      if not wall.tombstone_is_visible(new.request_id) then
        raise exception 'transactions that began before this erasure are still open'
          using errcode = '55006', hint = 'Call erase_subject again, until it is done.';
      end if;
      new.erasing_xid := pg_current_xact_id();
      return new;
    end if;
  elsif new.barrier_xid is distinct from old.barrier_xid then
    if old.barrier_xid is null and old.tombstone_xid <> pg_current_xact_id() then
      new.barrier_xid := pg_current_xact_id();
      return new;
    end if;
  else
    return new;
  end if;
  raise exception 'an erasure needs a running deletion request'
    using errcode = '42501', hint = 'Call erase_subject with a deletion request that is running, until it is done.';
end
