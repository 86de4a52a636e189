-- A number, a uuid or digest, or an id of Stripe's; a name of letters alone is none of them.
-- Patterns without upper limits are several times as quick; the lengths are asked for beside them. As a condition of
-- the table, all this would be parsed anew for every line.
begin
  return place ~ '^[a-z_]+$' and char_length(place) <= 40
     and id ~ '^(?:-?[0-9]+|[0-9a-f-]{16}[0-9a-f-]*|[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]+)$' and char_length(id) <= 80;
end
