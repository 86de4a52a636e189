-- Step 6 of the tour: the share-card opens.

-- statement: open_card
insert into public.share_cards (id, artifact_id, slug, locale, title, symbol, palette, one_line)
select ${a.card}::uuid, ${a.share_card}::uuid, ${a.slug}, 'en', 'The Tower', p.symbol, p.palette, p.line
  from (select max(words) filter (where kind = 'symbol') as symbol, max(words) filter (where kind = 'palette') as palette,
               max(words) filter (where kind = 'line') as line
          from public.card_phrases
         where locale = 'en') as p;

-- statement: read_card
select jsonb_agg(jsonb_build_object('title', c.title, 'symbol', c.symbol, 'palette', c.palette, 'one_line', c.one_line,
                                    'slug', c.slug, 'revoked_at', c.revoked_at))
  from public.share_cards c
 where c.id = ${a.card}::uuid;

-- statement: visit
select c.title, c.symbol, c.palette, c.one_line from public.open_share_card(${a.slug}) as c;

-- statement: guess
select c.title from public.open_share_card(${a.token}) as c;

-- statement: find_cards
select c.title
  from public.share_cards c
 where c.id = ${a.card}::uuid;

-- statement: leak
update public.share_cards
   set one_line = 'Should I move to the house by the sea?'
 where id = ${a.card}::uuid;
