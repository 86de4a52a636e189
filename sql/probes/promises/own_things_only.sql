-- Statements that show whether own_things_only holds; each is tried by itself and rolled back.

-- statement: write_scroll
insert into public.oracle_scrolls (id, subject_id, question)
values (${a.spare}::uuid, ${a.subject}::uuid, 'words');

-- statement: write_artifact
insert into public.oracle_artifacts (subject_id, scroll_id, kind)
values (${b.subject}::uuid, ${a.spare}::uuid, 'print_view');

-- statement: write_echo
insert into public.echo_entries (subject_id, scroll_id, due_at)
values (${b.subject}::uuid, ${a.scroll}::uuid, now());

-- statement: write_council_session
insert into public.council_sessions (subject_id, scroll_id)
values (${b.subject}::uuid, ${a.scroll}::uuid);

-- statement: write_passport
insert into public.passport_records (subject_id, scroll_id)
values (${b.subject}::uuid, ${a.scroll}::uuid);

-- statement: invite
insert into public.gift_recipients (subject_id, artifact_id, contact, token_sha256)
values (${b.subject}::uuid, ${a.gift}::uuid, 'made-up@example.test', sha256('x'));

-- statement: begin_run
insert into public.ai_runs (subject_id, layer, scroll_id, fields_given, model)
values (${b.subject}::uuid, 'echo', ${a.scroll}::uuid, '{question}', 'model-1');

-- statement: queue_pdf
select public.enqueue_delivery_job('pdf', ${b.subject}::uuid, ${a.pdf}::uuid);

-- statement: move_purchase
update public.purchases
   set scroll_id = ${b.scroll}::uuid
 where id = ${a.purchase}::uuid;

-- statement: erase_person
select * from public.erase_subject(${a.request}::uuid);

-- statement: waive_purchase
insert into public.withdrawal_waivers (purchase_id, subject_id, notice_id, wording_sha256)
values (${a.purchase}::uuid, ${b.subject}::uuid, md5(${a.token} || ' notice withdrawal_waiver')::uuid, '');

-- statement: withdraw_purchase
insert into public.withdrawals (purchase_id, subject_id)
values (${a.purchase}::uuid, ${b.subject}::uuid);

-- statement: acknowledge_withdrawal
insert into public.withdrawal_documents (purchase_id, subject_id, kind, notice_id, body, body_sha256)
values (${a.purchase}::uuid, ${b.subject}::uuid, 'withdrawal', md5(${a.token} || ' notice withdrawal_waiver')::uuid, '', '');
