-- A number, a uuid or digest, or an id of Stripe's; a name of letters alone is none of them.
-- A pattern without upper limits is several times as quick; the length is asked for beside it. As a condition of the
-- tables that use it, it would be parsed anew for every row.
begin
  return id ~ '^(?:-?[0-9]+|[0-9a-f-]{16}[0-9a-f-]*|[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]+)$' and char_length(id) <= 80;
end
