-- Clears the address of every expired invitation. The gifts stay with their givers.
update public.gift_recipients g
   set contact = null, recipient_name = null
 where g.contact is not null and g.accepted_at is null and g.expires_at < now() - interval '1 day';
