-- A sentence has spaces and an address has an @, and neither is allowed, so neither can be in the audit trail.
-- Most details are judged by their text alone, which is ten times as fast as reading each value. A key or code that is
-- too long (41 characters) makes a text of at least 48 characters, or 64 with two others, so a shorter text is not
-- searched for one. Strict paths treat an array as a value and do not unwrap it.
declare
  details_text text := details::text;
begin
  if details_text = '{}' then
    return true;
  end if;
  if details_text ~ '^[{](?:"[a-z][a-z0-9_]*": (?:-?[0-9.]+|true|false|"[a-z0-9][a-z0-9_.:-]*")(?:, |[}]$))+$'
     and (char_length(details_text) < case when details_text like '%": %": %": %' then 64 else 48 end
          or details_text !~ '[a-z0-9_.:-]{41}') then
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
