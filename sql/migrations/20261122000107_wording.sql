-- The rows that every database begins with: its own key, and the sentences of today.

-- The key of tombstones, random in each database

insert into public.erasure_keys (id) values (true)
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
