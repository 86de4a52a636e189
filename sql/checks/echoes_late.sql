-- An Echo that is a day late is forgotten, not delayed.
select count(*)
  from public.echo_entries e
 where e.status = 'scheduled' and e.due_at < now() - interval '1 day'
