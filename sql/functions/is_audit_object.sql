-- Allows a number, a uuid, a digest or a Stripe id, but no name of letters alone.
-- Patterns without upper limits are several times as fast, so lengths are checked apart. This is a function and not the
-- condition itself, which Postgres would parse for every line.
begin
  return place ~ '^[a-z_]+$' and char_length(place) <= 40
     and id ~ '^(?:-?[0-9]+|[0-9a-f-]{16}[0-9a-f-]*|[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]+)$' and char_length(id) <= 80;
end
