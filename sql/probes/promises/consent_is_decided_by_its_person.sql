-- Statements that show whether consent_is_decided_by_its_person holds; each is tried by itself and rolled back.

-- statement: withdraw_consent
insert into public.consent_events (request_id, subject_id, purpose, action)
values (gen_random_uuid(), ${a.subject}::uuid, 'echo_followup', 'withdrawn');

-- statement: withdraw_consent_of_b
insert into public.consent_events (request_id, subject_id, purpose, action)
values (gen_random_uuid(), ${b.subject}::uuid, 'echo_followup', 'withdrawn');

-- statement: withdraw_consent_of_refuser
insert into public.consent_events (request_id, subject_id, purpose, action)
values (gen_random_uuid(), ${refuser.subject}::uuid, 'echo_followup', 'withdrawn');

-- statement: read_consent
select coalesce(jsonb_agg(c.standing), '[]')
  from public.consents c
 where c.subject_id = ${refuser.subject}::uuid
   and c.purpose = 'echo_followup';

-- statement: request_erasure_of_b
insert into public.privacy_requests (subject_id, kind)
values (${b.subject}::uuid, 'deletion');

-- statement: change_consents
update public.consents
   set standing = not standing
 where subject_id = ${a.subject}::uuid;

-- statement: delete_consents
delete from public.consents
 where subject_id = ${a.subject}::uuid;
