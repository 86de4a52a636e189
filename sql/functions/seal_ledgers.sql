-- Chains rows after they were committed. Writers take no lock for it; only two sealers wait for each other.
-- A row may be committed later than one with a higher number, but not an hour later: verify_ledger names such a row.
#variable_conflict use_column
declare
  link record;
  place bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('public.ledger_seals', 0));
  foreach ledger in array array['consent_events', 'admin_audit_events'] loop
    select s.position, s.chain_hash into place, head
      from public.ledger_seals s
     where s.ledger = seal_ledgers.ledger
     order by s.position desc
     limit 1;
    place := coalesce(place, 0);
    head := coalesce(head, ''::bytea);
    sealed := 0;
    for link in execute format(
      'select e.id, e.row_hash
         from public.%I e
        where e.id > coalesce((
                select s.row_id
                  from public.ledger_seals s
                 where s.ledger = $1 and s.created_at < now() - interval ''1 hour''
                 order by s.row_id desc
                 limit 1), 0)
          and not exists (select from public.ledger_seals s where s.ledger = $1 and s.row_id = e.id)
        order by e.id
        limit $2', ledger) using ledger, most
    loop
      place := place + 1;
      head := sha256(head || int8send(place) || int8send(link.id) || timestamptz_send(now()) || link.row_hash);
      insert into public.ledger_seals (ledger, position, row_id, row_hash, chain_hash, created_at)
      values (seal_ledgers.ledger, place, link.id, link.row_hash, head, now());
      sealed := sealed + 1;
    end loop;
    return next;
  end loop;
end
