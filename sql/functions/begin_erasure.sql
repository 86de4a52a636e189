-- The count changes with the tombstone: a transaction that works with an older view of the data is refused by it. Such
-- a transaction holds the row until it ends; nobody waits for that here.
begin
  perform from public.erasure_keys k for no key update nowait;
  update public.erasure_keys k set tombstones = k.tombstones + 1;
  insert into public.erased_subjects (request_id, subject_id) values (begin_erasure.request, begin_erasure.person);
  perform wall.note_step(begin_erasure.request, 1, 'tombstone', true),
          wall.note_step(begin_erasure.request, 2, 'rows', false),
          wall.note_step(begin_erasure.request, 3, 'files', false),
          wall.note_step(begin_erasure.request, 4, 'processors', false);
  insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome)
  values ('server', 'erasure.begun', 'privacy_requests', begin_erasure.request::text, 'done');
end
