-- Step 3 of the tour: the artifacts are made, and no consent is given yet.

-- statement: make_artifacts
insert into public.oracle_artifacts (id, subject_id, scroll_id, kind, storage_path)
values (${a.pdf}::uuid, ${a.subject}::uuid, ${a.scroll}::uuid, 'pdf', ${a.token} || '.pdf'),
       (${a.share_card}::uuid, ${a.subject}::uuid, ${a.scroll}::uuid, 'share_card', null);

-- statement: read_artifacts
select jsonb_agg(jsonb_build_object('kind', r.kind, 'state', r.state, 'subject_id', r.subject_id) order by r.kind)
  from public.oracle_artifacts r
 where r.scroll_id = ${a.scroll}::uuid;

-- statement: queue_email
select public.enqueue_delivery_job('email', ${a.subject}::uuid, ${a.pdf}::uuid);

-- statement: open_card
insert into public.share_cards (id, artifact_id, slug, locale, title, symbol, palette, one_line)
values (${a.card}::uuid, ${a.share_card}::uuid, ${a.slug}, 'en', 'The Tower', 'tower', 'dusk',
        'Something falls, and light comes in.');

-- statement: write_passport
insert into public.passport_records (id, subject_id, scroll_id, artifact_id, purchase_id)
values (${a.passport}::uuid, ${a.subject}::uuid, ${a.scroll}::uuid, ${a.pdf}::uuid, ${a.purchase}::uuid);
