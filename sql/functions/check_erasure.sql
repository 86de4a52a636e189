-- The message names columns, never the person.
declare
  places text;
begin
  select string_agg(l, ', ') into places from wall.erasure_left(new.subject_id) l;
  if places is not null then
    raise exception 'the erasure is incomplete: %', places
      using errcode = '42501', hint = 'Let erase_subject do it, from beginning to end.';
  end if;
  return null;
end
