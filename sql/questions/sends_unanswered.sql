-- Counts messages without an answer from their provider, which may have been sent.
select count(*)
  from public.delivery_effects e
 where e.state = 'uncertain'
