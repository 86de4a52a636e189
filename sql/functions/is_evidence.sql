-- A function and not the condition itself, which Postgres would parse for every entry.
begin
  if evidence is null then
    return true;
  end if;
  return jsonb_typeof(evidence) = 'object' and octet_length(evidence::text) <= 2000;
end
