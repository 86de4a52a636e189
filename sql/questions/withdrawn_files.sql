-- Counts withdrawn artifacts that still have a file in storage.
select count(*)
  from public.oracle_artifacts a
 where a.state = 'withdrawn' and a.storage_path is not null
