-- A print-view is rendered on request; a file of it in storage is a copy that nobody should have kept.
select count(*)
  from public.oracle_artifacts a
 where a.kind = 'print_view' and a.storage_path is not null
