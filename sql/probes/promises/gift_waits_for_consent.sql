-- Statements that show whether gift_waits_for_consent holds; each is tried by itself and rolled back.

-- statement: invite
insert into public.gift_recipients (subject_id, artifact_id, contact, token_sha256)
values (${refuser.subject}::uuid, ${refuser.gift}::uuid, 'made-up@example.test', sha256('x'));

-- statement: accept_gift
select public.accept_gift(${a.token});

-- statement: accept_without_link
select public.accept_gift(${b.subject});

-- statement: accept_gift_of_another
select to_jsonb(array[public.accept_gift(${a.token}) = ${a.gift}::uuid]);
