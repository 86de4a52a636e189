-- Statements that show whether a_worker_needs_its_lease holds; each is tried by itself and rolled back.

-- statement: complete_job
select to_jsonb(array[public.complete_delivery_job(${a.n.job}::bigint - 1, gen_random_uuid())]);

-- statement: ask_to_send
select to_jsonb(array[public.delivery_address(${a.n.job}::bigint - 1, gen_random_uuid()) is not null]);

-- statement: release_job
select to_jsonb(array[public.release_delivery_job(${a.n.job}::bigint - 1, gen_random_uuid())]);
