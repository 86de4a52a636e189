-- Compares letters and digits alone, so that punctuation, accents, case and line breaks hide nothing. Refused are the
-- whole question inside the card, and any twenty letters in a row that stand in the question as well.
declare
  question text;
  card text := lower(regexp_replace(normalize(concat(new.title, new.one_line, new.symbol, new.palette), nfkd),
                                    '[^[:alnum:]]+', '', 'g'));
begin
  select lower(regexp_replace(normalize(s.question, nfkd), '[^[:alnum:]]+', '', 'g'))
    into question
    from public.oracle_artifacts a
    join public.oracle_scrolls s on s.id = a.scroll_id
   where a.id = new.artifact_id;
  if (length(question) >= 6 and position(question in card) > 0)
     or exists (
          select
            from generate_series(1, length(card) - 19) as place
           where position(substr(card, place, 20) in question) > 0) then
    raise exception 'a share-card repeats the private question'
      using errcode = '42501', hint = 'Choose words for the card that were not asked.';
  end if;
  return new;
end
