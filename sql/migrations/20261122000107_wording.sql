-- The rows that every database begins with: its key, the wordings, and what a card says.

-- The key of tombstones, random in each database

insert into public.erasure_keys (id) values (1)
on conflict (id) do nothing;

-- Passport

insert into public.consent_notices (purpose, version, locale, body)
values ('passport_write', 1, 'en', 'May we keep this sealed reading in your Passport, the collection that only you can open?')
on conflict (purpose, version, locale) do nothing;

-- E-mail

insert into public.consent_notices (purpose, version, locale, body)
values ('email_delivery', 1, 'en', 'May we e-mail you a private link when something of yours is ready? The e-mail never holds your question.')
on conflict (purpose, version, locale) do nothing;

-- Public share-card

insert into public.consent_notices (purpose, version, locale, body)
values ('public_share', 1, 'en', 'May we show this one share-card, its title, symbol and single line, to anybody who has the link?')
on conflict (purpose, version, locale) do nothing;

-- Gift recipient

insert into public.consent_notices (purpose, version, locale, body)
values ('gift_recipient', 1, 'en', 'May we use the address you enter to send this one gift invitation, and say that it came from you?')
on conflict (purpose, version, locale) do nothing;

-- Echo follow-up

insert into public.consent_notices (purpose, version, locale, body)
values ('echo_followup', 1, 'en', 'May we come back to you later, when the Echo of this reading returns?')
on conflict (purpose, version, locale) do nothing;

-- AI processing

insert into public.consent_notices (purpose, version, locale, body)
values ('ai_processing', 1, 'en', 'May an AI service read your question to write this reading? A question can touch health, belief or love; it is used for this reading only.')
on conflict (purpose, version, locale) do nothing;

-- What a share-card can say

insert into public.card_phrases (kind, name, locale, version, words)
values ('title', 'tower', 'en', 1, 'The Tower')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('title', 'moon', 'en', 1, 'The Moon')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('title', 'star', 'en', 1, 'The Star')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('title', 'lighthouse', 'en', 1, 'The lighthouse')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('title', 'two_roads', 'en', 1, 'Two roads')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('title', 'open_gate', 'en', 1, 'The open gate')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('line', 'light_comes_in', 'en', 1, 'Something falls, and light comes in.')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('line', 'light_at_night', 'en', 1, 'A light at night.')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('line', 'glow_is_yours', 'en', 1, 'What glows at the edge is already yours.')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('line', 'road_and_feet', 'en', 1, 'A road is made by the feet that choose it.')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('line', 'gate_stands_open', 'en', 1, 'A gate that stands open asks nothing.')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('line', 'small_light', 'en', 1, 'A small light is still a light.')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('symbol', 'tower', 'en', 1, 'tower')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('symbol', 'moon', 'en', 1, 'moon')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('symbol', 'star', 'en', 1, 'star')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('symbol', 'lantern', 'en', 1, 'lantern')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('palette', 'dusk', 'en', 1, 'dusk')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('palette', 'night', 'en', 1, 'night')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('palette', 'dawn', 'en', 1, 'dawn')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('title', 'tower', 'de', 1, 'Der Turm')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('title', 'moon', 'de', 1, 'Der Mond')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('title', 'star', 'de', 1, 'Der Stern')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('line', 'light_comes_in', 'de', 1, 'Etwas fällt, und Licht kommt herein.')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('line', 'light_at_night', 'de', 1, 'Ein Licht in der Nacht.')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('line', 'small_light', 'de', 1, 'Auch ein kleines Licht ist ein Licht.')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('symbol', 'tower', 'de', 1, 'tower')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('symbol', 'moon', 'de', 1, 'moon')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('symbol', 'star', 'de', 1, 'star')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('symbol', 'lantern', 'de', 1, 'lantern')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('palette', 'dusk', 'de', 1, 'dusk')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('palette', 'night', 'de', 1, 'night')
on conflict (kind, name, locale, version) do nothing;

insert into public.card_phrases (kind, name, locale, version, words)
values ('palette', 'dawn', 'de', 1, 'dawn')
on conflict (kind, name, locale, version) do nothing;
