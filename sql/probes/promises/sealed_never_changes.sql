-- Statements that show whether sealed_never_changes holds; each is tried by itself and rolled back.

-- statement: change_scroll
update public.oracle_scrolls
   set answer = 'other words'
 where id = ${a.scroll}::uuid;

-- statement: delete_scroll
delete from public.oracle_scrolls
 where id = ${a.scroll}::uuid;

-- statement: change_passport
update public.passport_records
   set artifact_id = null
 where id = ${a.passport}::uuid;

-- statement: delete_passport
delete from public.passport_records
 where id = ${a.passport}::uuid;

-- statement: verify_passport
select to_jsonb(array[public.verify_passport_record(${a.passport}::uuid)]);
