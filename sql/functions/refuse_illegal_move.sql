-- Runs only when the move is not among the legal ones, and only for states that the rules name: it prints no other text.
declare
  origin text := case when tg_op = 'UPDATE' then to_jsonb(old) ->> tg_argv[0] else 'the beginning' end;
begin
  raise exception '%.% cannot go from % to %', tg_table_name, tg_argv[0], origin, to_jsonb(new) ->> tg_argv[0]
    using errcode = '23514', hint = 'The rules list the legal moves beside the column.';
end
