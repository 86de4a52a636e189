-- Most lines name rows by number, and end here at once; as a condition of the trigger the same question would be parsed
-- anew for every line. An id that is nobody's is a row's, and stays.
declare
  id text;
  code text;
begin
  if char_length(new.object_id) < 32 and (new.actor_id is null or char_length(new.actor_id) < 32)
     and (new.details = '{}' or new.details::text !~ '[0-9A-Fa-f-]{32}') then
    return new;
  end if;
  for id in
    select distinct m[1]
      from regexp_matches(concat_ws(' ', new.actor_id, new.object_id, new.details),
                          '([0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})', 'gi') m
  loop
    code := wall.audit_code(id::uuid);
    if code is not null then
      new.actor_id := replace(new.actor_id, id, code);
      new.object_id := replace(new.object_id, id, code);
      new.details := replace(new.details::text, id, code)::jsonb;
    end if;
  end loop;
  return new;
end
