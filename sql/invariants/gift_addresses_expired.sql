-- The address of somebody who was never asked is kept for one invitation; after its expiry there is no reason left.
select count(*)
  from public.gift_recipients g
 where g.contact is not null and g.accepted_at is null and g.expires_at < now() - interval '1 day'
