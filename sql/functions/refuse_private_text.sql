-- Compares letters and digits only, so that punctuation, case and line breaks hide nothing.
declare
  question text;
  words text;
begin
  select lower(regexp_replace(s.question, '[^[:alnum:]]+', ' ', 'g'))
    into question
    from public.oracle_artifacts a
    join public.oracle_scrolls s on s.id = a.scroll_id
   where a.id = new.artifact_id;
  foreach words in array array[new.title, new.one_line] loop
    words := lower(regexp_replace(words, '[^[:alnum:]]+', ' ', 'g'));
    if (length(question) >= 8 and position(trim(question) in words) > 0)
       or (length(trim(words)) >= 20 and position(trim(words) in question) > 0) then
      raise exception 'a share-card repeats the private question'
        using errcode = '42501', hint = 'Choose words for the card that were not asked.';
    end if;
  end loop;
  return new;
end
