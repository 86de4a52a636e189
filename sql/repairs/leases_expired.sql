-- Returns jobs of stopped workers to the queue. Those without attempts left become dead letters.
select * from public.reap_delivery_leases();
