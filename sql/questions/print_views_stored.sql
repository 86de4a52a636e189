-- Counts print-views that have a file in storage.
select count(*)
  from public.oracle_artifacts a
 where a.kind = 'print_view' and a.storage_path is not null
