-- Statements that show whether public_share_waits_for_consent holds; each is tried by itself and rolled back.

-- statement: open_card
insert into public.share_cards (artifact_id, title, symbol, palette, one_line)
values (${refuser.share_card}::uuid, 'The Tower', 'tower', 'dusk', 'A light at night.');

-- statement: withdraw_share
select public.withdraw_consent('public_share', gen_random_uuid(), ${a.share_card}::uuid);

-- statement: read_card
select coalesce(jsonb_agg(to_jsonb(c)), '[]') from public.open_share_card(${a.slug}) as c;

-- statement: reopen_card
update public.share_cards
   set revoked_at = null
 where id = ${a.card}::uuid;

-- statement: withdraw_artifact
update public.oracle_artifacts
   set state = 'withdrawn'
 where id = ${a.share_card}::uuid;
