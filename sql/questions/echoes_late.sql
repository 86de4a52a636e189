-- Counts scheduled Echoes that are more than a day late.
select count(*)
  from public.echo_entries e
 where e.status = 'scheduled' and e.due_at < now() - interval '1 day'
