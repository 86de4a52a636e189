-- Checks the chain from its beginning, or only the latest links, and returns the first broken one.
-- To repair it, compare the rows with a backup and the anchors, and then call wall.reseal_ledger.
#variable_conflict use_column
declare
  link record;
  place bigint;
  expected bytea;
begin
  if ledger = any (wall.ledgers()) is not true then
    raise exception 'no such ledger'
      using errcode = '22023', hint = 'Choose ' || array_to_string(wall.ledgers(), ' or ') || '.';
  end if;
  if latest < 1 then
    raise exception 'nothing to verify'
      using errcode = '22023', hint = 'Pass 1 or more as latest, or leave it out to verify the whole chain.';
  end if;
  intact := true;
  checked := 0;
  select s.position, s.chain_hash into place, expected
    from public.ledger_seals s
   where s.ledger = verify_ledger.ledger and latest is not null
   order by s.position desc
  offset latest
   limit 1;
  place := coalesce(place, 0);
  expected := coalesce(expected, ''::bytea);
  -- The limit tells the planner how few links are read; null means no limit.
  for link in execute format(
    'select s.position, s.row_id, s.row_hash, s.chain_hash, s.created_at, e.id, e.row_hash as own_hash, wall.ledger_content(to_jsonb(e)) as content,
            to_jsonb(e) as entry
       from (select l.*
               from public.ledger_seals l
              where l.ledger = $1 and l.position > $2
              order by l.position
              limit $3) s
       left join public.%I e on e.id = s.row_id
      order by s.position', verify_ledger.ledger) using verify_ledger.ledger, place, latest
  loop
    checked := checked + 1;
    place := place + 1;
    expected := sha256(expected || int8send(place) || int8send(link.row_id)
                       || timestamptz_send(link.created_at) || link.row_hash);
    problem := case
                 when link.position <> place then 'a link of the chain is missing before this row'
                 when link.chain_hash <> expected then 'the chain itself was changed at this row'
                 when link.id is null then 'this row was removed'
                 when link.row_hash not in (link.content, link.own_hash) or link.content <> link.own_hash then 'this row was changed'
                 when link.entry ->> 'personal_salt' is not null
                  and sha256(convert_to(
                        (link.entry ->> 'personal_salt') || (link.entry ->> 'subject_id')
                        || coalesce(nullif(link.entry -> 'evidence', 'null')::text, ''), 'UTF8'))
                      <> decode(substr(link.entry ->> 'personal_digest', 3), 'hex')
                   then 'the person or the evidence in this row was changed'
                 when link.entry ->> 'personal_salt' is null
                  and num_nonnulls(link.entry ->> 'subject_id', link.entry ->> 'evidence') > 0
                   then 'the person or the evidence in this row was changed'
               end;
    if problem is not null then
      intact := false;
      broken_row := link.row_id;
      return next;
      return;
    end if;
  end loop;
  execute format(
    'select count(*),
            min(e.id) filter (where e.row_hash <> wall.ledger_content(to_jsonb(e))
                                 or e.id <= coalesce((
                                      select s.row_id
                                        from public.ledger_seals s
                                       where s.ledger = $1 and s.created_at < now() - wall.longest_write()
                                       order by s.row_id desc
                                       limit 1), 0))
       from (select r.* from public.%I r order by r.id desc limit $2) e
      where not exists (select from public.ledger_seals s where s.ledger = $1 and s.row_id = e.id)', verify_ledger.ledger)
    into unsealed, broken_row using verify_ledger.ledger, latest;
  if broken_row is not null then
    intact := false;
    problem := 'this row was inserted later, or changed before it was sealed';
  end if;
  return next;
end
