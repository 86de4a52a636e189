-- Counts messages about which nobody knows whether they were sent.
select count(*)
  from public.delivery_effects e
 where e.state = 'uncertain'
