-- Most lines are judged by their text alone, if the row's key is a number: in a text of up to 46 characters no part is
-- too long. The pattern excludes empty parts and spaces.
declare
  line text := concat_ws(' ', action, object_table, object_id);
begin
  if actor_id is null and char_length(line) <= 46 and line ~ '^[a-z_]+\.[a-z_]+ [a-z_]+ -?[0-9]+$' then
    return true;
  end if;
  return action ~ '^[a-z_]+\.[a-z_]+$' and char_length(action) <= 49
     and wall.is_audit_object(object_table, object_id)
     and (actor_id is null or wall.is_audit_object('actor', actor_id));
end
