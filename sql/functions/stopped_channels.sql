begin
  return coalesce((select array_agg(s.channel order by s.channel) from public.delivery_switches s where s.stopped), '{}');
end
