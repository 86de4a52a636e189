-- Gives jobs whose worker has died back to the queue; those without an attempt left become dead letters.
select * from public.reap_delivery_leases();
