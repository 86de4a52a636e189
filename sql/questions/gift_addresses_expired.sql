-- Counts invitations that still have an address a day after they expired.
select count(*)
  from public.gift_recipients g
 where g.contact is not null and g.accepted_at is null and g.expires_at < now() - interval '1 day'
