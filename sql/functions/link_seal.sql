-- A link can only say what sealing would say: its place follows the last one, its digest is that of the row itself.
-- A row whose neighbour was sealed more than an hour ago comes too late: verify_ledger names it.
declare
  last record;
  late boolean;
begin
  perform pg_advisory_xact_lock(hashtextextended('public.ledger_seals', 0));
  if new.ledger not in ('consent_events', 'admin_audit_events') then
    raise exception 'no such ledger'
      using errcode = '22023', hint = 'Choose consent_events or admin_audit_events.';
  end if;
  execute format(
    'select e.row_hash, exists (
              select
                from (select f.id from public.%I f where f.id > e.id order by f.id limit 1) f
                join public.ledger_seals s on s.ledger = $2 and s.row_id = f.id
               where s.created_at < clock_timestamp() - interval ''1 hour'')
       from public.%I e
      where e.id = $1', new.ledger, new.ledger)
     into new.row_hash, late using new.row_id, new.ledger;
  if late is null or late then
    raise exception 'this row of % is not there to be sealed, or comes too late', new.ledger
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
