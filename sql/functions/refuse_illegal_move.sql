-- The first argument is the column, the others are the legal moves; a new row moves from nothing. A state that no move
-- names is left to the constraint on the column's values, so that no other text is printed.
declare
  state text;
  origin text;
  named boolean := false;
begin
  if tg_op = 'UPDATE' and tg_argv[0] = 'status' then  -- the most frequent column, without the cost of to_jsonb
    if old.status || '>' || new.status = any (tg_argv) then
      return new;
    end if;
  end if;
  state := to_jsonb(new) ->> tg_argv[0];
  origin := case when tg_op = 'UPDATE' then to_jsonb(old) ->> tg_argv[0] else '' end;
  for place in 1 .. tg_nargs - 1 loop
    if tg_argv[place] = origin || '>' || state then
      return new;
    end if;
    named := named or split_part(tg_argv[place], '>', 2) = state;
  end loop;
  if not named then
    return new;
  end if;
  origin := coalesce(nullif(origin, ''), 'the beginning');
  raise exception '%.% cannot go from % to %', tg_table_name, tg_argv[0], origin, to_jsonb(new) ->> tg_argv[0]
    using errcode = '23514', hint = 'The rules list the legal moves beside the column.';
end
