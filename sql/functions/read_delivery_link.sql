#variable_conflict use_column
begin
  return query
  select l.purpose, j.channel
    from public.delivery_links l
    join public.delivery_jobs j on j.id = l.job_id
   where l.token_sha256 = sha256(convert_to(read_delivery_link.token, 'UTF8'))
     and l.expires_at > clock_timestamp()
     and (l.purpose <> 'recover' or l.used_at is null);
end
