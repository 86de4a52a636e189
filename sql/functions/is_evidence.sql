-- A function and not the condition itself, which Postgres would parse for every entry.
begin
  return jsonb_typeof(evidence) = 'object' and octet_length(evidence::text) <= 2000;
end
