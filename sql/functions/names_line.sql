-- Most lines are told by their text alone, of a row that has a number: up to 46 signs, no part of it is too long. No part
-- with a space in it, or empty, makes such a text.
declare
  line text := concat_ws(' ', action, object_table, object_id);
begin
  if actor_id is null and char_length(line) <= 46 and line ~ '^[a-z_]+\.[a-z_]+ [a-z_]+ -?[0-9]+$' then
    return true;
  end if;
  return action ~ '^[a-z_]+\.[a-z_]+$' and char_length(action) <= 49
     and wall.names_row(object_table, object_id)
     and (actor_id is null or wall.names_row('actor', actor_id));
end
