-- True for a flat object of numbers, booleans and short codes. A sentence has spaces, an address has an @:
-- neither fits, so neither can end up in the audit trail. Most details are told by their text alone, which is ten times
-- as quick as walking through them. A key or code of 41 signs makes a text of 48 or more, of 64 beside two others: what
-- is shorter is not searched for one. Strict paths look at an array as a whole, not into it.
declare
  written text := details::text;
begin
  if written = '{}' then
    return true;
  end if;
  if written ~ '^[{](?:"[a-z][a-z0-9_]*": (?:-?[0-9.]+|true|false|"[a-z0-9][a-z0-9_.:-]*")(?:, |[}]$))+$'
     and (char_length(written) < case when written like '%": %": %": %' then 64 else 48 end
          or written !~ '[a-z0-9_.:-]{41}') then
    return true;
  end if;
  return jsonb_typeof(details) = 'object'
     and not jsonb_path_exists(
               details, 'strict $.keyvalue() ? (!(@.key like_regex "^[a-z][a-z0-9_]{0,39}$"))', '{}', true)
     and not jsonb_path_exists(
               details,
               'strict $.* ? (@.type() == "object" || @.type() == "array" || @.type() == "null" ||
                @.type() == "string" && !(@ like_regex "^(?:[a-z0-9][a-z0-9_.:-]{0,39}|[0-9a-f]{64})$"))', '{}', true);
end
