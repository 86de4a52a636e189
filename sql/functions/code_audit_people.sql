-- Most lines name rows by number, and end here at once; as a condition of the trigger the same question would be parsed
-- anew for every line. An id that is nobody's is a row's, and stays. A person is found whatever stands between or beside
-- the 32 digits of their id; then all of the digits give way to the code.
declare
  run text;
  code text;
begin
  if char_length(new.object_id) < 32 and (new.actor_id is null or char_length(new.actor_id) < 32)
     and (new.details = '{}' or new.details::text !~ '[0-9A-Fa-f_.:-]{32}') then
    return new;
  end if;
  for run in
    select distinct m[1]
      from regexp_matches(concat_ws(' ', new.actor_id, new.object_id, new.details),
                          '([0-9a-f](?:[_.:-]*[0-9a-f]){31,})', 'gi') m
  loop
    select wall.audit_code(w.id) into code
      from (select substr(d.digits, place, 32)::uuid as id
              from (select translate(run, '_.:-', '') as digits) d,
                   generate_series(1, char_length(d.digits) - 31) as place) w
     where exists (select from auth.users u where u.id = w.id) or wall.erased(w.id)
     limit 1;
    if code is not null then
      new.actor_id := replace(new.actor_id, run, code);
      new.object_id := replace(new.object_id, run, code);
      new.details := replace(new.details::text, run, code)::jsonb;
    end if;
  end loop;
  return new;
end
