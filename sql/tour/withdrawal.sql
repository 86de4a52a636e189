-- Step 8 of the tour: two consents are withdrawn, and what waited for them ends.

-- statement: stop_email
select public.withdraw_consent('email_delivery', gen_random_uuid());

-- statement: stop_share
select public.withdraw_consent('public_share', gen_random_uuid(), ${a.share_card}::uuid);

-- statement: read_card
select jsonb_agg(jsonb_build_object('title', c.title, 'slug', c.slug, 'revoked_at', c.revoked_at))
  from public.share_cards c
 where c.id = ${a.card}::uuid;

-- statement: read_jobs
select jsonb_agg(jsonb_build_object('channel', j.channel, 'status', j.status,
                                    'cancel_requested', j.cancel_requested) order by j.id)
  from public.delivery_jobs j
 where j.subject_id = ${a.subject}::uuid and j.channel in ('pdf', 'email');

-- statement: visit
select c.title, c.symbol, c.palette, c.one_line from public.open_share_card(${a.slug}) as c;

-- statement: reopen_card
update public.share_cards
   set revoked_at = null
 where id = ${a.card}::uuid;

-- statement: queue_email
select public.enqueue_delivery_job('email', ${a.subject}::uuid, ${a.pdf}::uuid, generation => 2);
