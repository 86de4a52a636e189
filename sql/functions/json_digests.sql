begin
  return array(
    select distinct d
      from jsonb_path_query(words, 'strict $.** ? (@.type() == "string")') as s (value),
           unnest(wall.word_digests(s.value #>> '{}', every)) as d);
end
