-- Each erasure updates the row of erasure_keys together with its tombstone, so that a concurrent transaction with an
-- older snapshot fails. Such a transaction locks the row until it ends; this function does not wait for it.
-- All consents are withdrawn first. While a hold or a dispute pauses the erasure, nothing is sent, shown or given to an
-- AI, and nobody has to stop it by hand.
begin
  insert into public.consent_events (request_id, subject_id, purpose, action, scope_id)
  select gen_random_uuid(), begin_erasure.person, n.purpose, 'withdrawn', n.scope_id
    from (select distinct on (e.purpose, e.scope_id) e.purpose, e.scope_id, e.action
            from public.consent_events e
           where e.subject_id = begin_erasure.person
           order by e.purpose, e.scope_id, e.id desc) n
   where n.action = 'given'
     and (n.scope_id is null
          or exists (select from public.oracle_artifacts a where a.id = n.scope_id and a.subject_id = begin_erasure.person));
  perform from public.erasure_keys k for no key update nowait;
  update public.erasure_keys k set tombstones = k.tombstones + 1;
  insert into public.erased_subjects (request_id, subject_id) values (begin_erasure.request, begin_erasure.person);
  perform wall.record_step(begin_erasure.request, 1, 'tombstone', true),
          wall.record_step(begin_erasure.request, 2, 'rows', false),
          wall.record_step(begin_erasure.request, 3, 'files', false),
          wall.record_step(begin_erasure.request, 4, 'processors', false);
  insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome)
  values ('server', 'erasure.begun', 'privacy_requests', begin_erasure.request::text, 'done');
end
