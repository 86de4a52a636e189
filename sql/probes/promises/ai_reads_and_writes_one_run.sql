-- Statements that show whether ai_reads_and_writes_one_run holds; each is tried by itself and rolled back.

-- statement: begin_run
insert into public.ai_runs (subject_id, layer, scroll_id, fields_given, model)
values (${refuser.subject}::uuid, 'echo', ${refuser.scroll}::uuid, '{question}', 'model-1');

-- statement: write_run
select to_jsonb(array[public.write_ai_run(${a.open_run} || ' token', '{"reply": "words"}')]);

-- statement: end_lease
update public.ai_runs
   set lease_until = leased_at
 where id = ${a.open_run}::uuid;

-- statement: write_closed_run
select to_jsonb(array[public.write_ai_run(${a.kept_run} || ' token', '{"reply": "words"}')]);

-- statement: write_run_without_token
select to_jsonb(array[public.write_ai_run(${a.scroll} || ' token', '{"reply": "words"}')]);

-- statement: write_run_by_hand
update public.ai_runs
   set status = 'written', output = '{}', token_sha256 = null
 where id = ${a.open_run}::uuid;

-- statement: rewrite_run
update public.ai_runs
   set output = '{"reply": "other"}'
 where id = ${a.kept_run}::uuid;

-- statement: write_link
select public.write_ai_run(${a.open_run} || ' token', '{"reply": "www.example.test"}');

-- statement: promote_run
select public.promote_ai_run(${a.open_run}::uuid);

-- statement: promote_run_by_hand
update public.ai_runs
   set status = 'promoted', promoted_at = now()
 where id = ${a.open_run}::uuid;

-- statement: read_brief
select coalesce(jsonb_agg(b.question), '[]')
  from ai.briefs b;

-- statement: present_token
select set_config('lab.ai_run_token', ${a.open_run} || ' token', true);

-- statement: withdraw_ai_processing
select public.withdraw_consent('ai_processing', gen_random_uuid());

-- statement: read_run_state
select jsonb_build_array(r.status)
  from public.ai_runs r
 where r.id = ${a.open_run}::uuid;
