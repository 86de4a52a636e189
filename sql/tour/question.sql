-- Step 1 of the tour: a question is kept with its answer, and sealed.

-- statement: ask
insert into public.oracle_scrolls (id, subject_id, locale, question, answer)
values (${a.scroll}::uuid, ${a.subject}::uuid, 'en', 'Should I move to the house by the sea?',
        'The Star stands over the house you ask about.');

-- statement: seal
select public.seal_scroll(${a.scroll}::uuid);

-- statement: read_scroll
select jsonb_agg(jsonb_build_object('question', s.question, 'answer', s.answer, 'locale', s.locale,
                                    'sealed_at', s.sealed_at, 'seal_hash', s.seal_hash))
  from public.oracle_scrolls s
 where s.id = ${a.scroll}::uuid;

-- statement: find_scroll
select s.question
  from public.oracle_scrolls s
 where s.id = ${a.scroll}::uuid;
