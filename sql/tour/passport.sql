-- Step 7 of the tour: the reading goes into the Passport, and the entry is sealed.

-- statement: write_passport
insert into public.passport_records (id, subject_id, scroll_id, artifact_id, purchase_id)
values (${a.passport}::uuid, ${a.subject}::uuid, ${a.scroll}::uuid, ${a.pdf}::uuid, ${a.purchase}::uuid);

-- statement: seal
select public.seal_passport_record(${a.passport}::uuid);

-- statement: read_passport
select jsonb_agg(jsonb_build_object('subject_id', r.subject_id, 'scroll_id', r.scroll_id, 'purchase_id', r.purchase_id,
                                    'sealed_at', r.sealed_at, 'seal_hash', r.seal_hash))
  from public.passport_records r
 where r.id = ${a.passport}::uuid;

-- statement: verify
select to_jsonb(array[public.verify_passport_record(${a.passport}::uuid)]);

-- statement: find_passport
select r.sealed_at
  from public.passport_records r
 where r.id = ${a.passport}::uuid;

-- statement: change
update public.passport_records
   set artifact_id = null
 where id = ${a.passport}::uuid;

-- statement: change_answer
update public.oracle_scrolls
   set answer = 'other words'
 where id = ${a.scroll}::uuid;

-- statement: remove
delete from public.passport_records
 where id = ${a.passport}::uuid;
