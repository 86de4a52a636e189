-- Statements that show whether passport_waits_for_consent holds; each is tried by itself and rolled back.

-- statement: write_passport
insert into public.passport_records (subject_id, scroll_id)
values (${refuser.subject}::uuid, ${refuser.scroll}::uuid);

-- statement: rest_triggers
select set_config('session_replication_role', 'replica', true);

-- statement: write_guest_passport
insert into public.passport_records (subject_id, scroll_id)
values (${guest.subject}::uuid, ${guest.scroll}::uuid);
