-- A link can only say what sealing would say: its place follows the last one, its digest is that of the row itself.
-- A row whose neighbour was sealed more than an hour ago comes too late: verify_ledger names it.
declare
  last record;
  following bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('public.ledger_seals', 0));
  new.row_hash := null;
  if new.ledger = 'consent_events' then
    select e.row_hash into new.row_hash from public.consent_events e where e.id = new.row_id;
    select e.id into following from public.consent_events e where e.id > new.row_id order by e.id limit 1;
  elsif new.ledger = 'admin_audit_events' then
    select e.row_hash into new.row_hash from public.admin_audit_events e where e.id = new.row_id;
    select e.id into following from public.admin_audit_events e where e.id > new.row_id order by e.id limit 1;
  else
    raise exception 'no such ledger'
      using errcode = '22023', hint = 'Choose consent_events or admin_audit_events.';
  end if;
  if new.row_hash is null
     or exists (
          select
            from public.ledger_seals s
           where s.ledger = new.ledger and s.row_id = following and s.created_at < clock_timestamp() - interval '1 hour')
  then
    raise exception 'there is no such row to be sealed, or it comes too late'
      using errcode = '23514', hint = 'Call public.seal_ledgers(): it takes the rows that are to be sealed.';
  end if;
  select s.position, s.chain_hash into last
    from public.ledger_seals s
   where s.ledger = new.ledger
   order by s.position desc
   limit 1;
  new.position := coalesce(last.position, 0) + 1;
  new.created_at := clock_timestamp();
  new.chain_hash := sha256(coalesce(last.chain_hash, ''::bytea) || int8send(new.position) || int8send(new.row_id)
                           || timestamptz_send(new.created_at) || new.row_hash);
  return new;
end
