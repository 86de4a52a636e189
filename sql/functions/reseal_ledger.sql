-- Only the owner of the tables may call it. It repairs links, never a row: restore a changed row from a backup first.
-- The links from `place` on are replaced in one transaction. The audit line records their number and the old last hash.
#variable_conflict use_column
declare
  broken record;
  first_broken bigint;
  old_head bytea;
begin
  select v.* into broken from public.verify_ledger(reseal_ledger.ledger) v;
  if broken.intact then
    raise exception 'the chain of this ledger is intact'
      using errcode = '55000', hint = 'Only a chain that verify_ledger calls broken can be sealed again.';
  end if;
  lock table public.ledger_seals in share row exclusive mode;
  select s.position into first_broken
    from public.ledger_seals s
   where s.ledger = reseal_ledger.ledger and s.row_id = broken.broken_row;
  first_broken := coalesce(reseal_ledger.place, first_broken);
  if first_broken is null then
    raise exception 'the first row that does not fit has no link'
      using errcode = '55000', hint = 'Compare the row with a backup and the anchors, or pass the link to begin with.';
  end if;
  select s.chain_hash into old_head
    from public.ledger_seals s
   where s.ledger = reseal_ledger.ledger
   order by s.position desc
   limit 1;
  alter table public.ledger_seals disable trigger ledger_seals_kept;
  delete from public.ledger_seals s where s.ledger = reseal_ledger.ledger and s.position >= first_broken;
  get diagnostics remade = row_count;
  alter table public.ledger_seals enable always trigger ledger_seals_kept;
  insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
  values ('operator', 'ledger.resealed', reseal_ledger.ledger, first_broken::text, 'done',
          jsonb_build_object('links', remade, 'old_end', encode(old_head, 'hex')));
  perform public.seal_ledgers(2147483647);
  select v.intact, v.broken_row, v.problem into intact, broken_row, problem
    from public.verify_ledger(reseal_ledger.ledger) v;
  return next;
end
