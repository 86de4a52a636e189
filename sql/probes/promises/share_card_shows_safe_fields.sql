-- Statements that show whether share_card_shows_safe_fields holds; each is tried by itself and rolled back.

-- statement: read_card
select coalesce(jsonb_agg(to_jsonb(c)), '[]') from public.open_share_card(${a.slug}) as c;

-- statement: read_card_by_token
select coalesce(jsonb_agg(to_jsonb(c)), '[]') from public.open_share_card(${a.token}) as c;

-- statement: write_free_text
update public.share_cards
   set one_line = ${a.canary} || ' question'
 where id = ${a.card}::uuid;

-- statement: add_phrase
insert into public.card_phrases (kind, name, locale, version, words)
values ('line', 'made_up', 'en', 1, ${a.canary} || ' question');
