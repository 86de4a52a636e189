-- A file whose artifact was withdrawn can still be opened with an old link until it is removed from storage.
select count(*)
  from public.oracle_artifacts a
 where a.state = 'withdrawn' and a.storage_path is not null
