-- Adds committed rows to the chain. Writers of rows take no lock for it. Two sealers wait for each other by a lock that
-- no login may take.
-- A row may be committed later than one with a higher id, but only up to wall.longest_write; verify_ledger reports a
-- later one.
#variable_conflict use_column
declare
  entry bigint;
begin
  lock table public.ledger_seals in share update exclusive mode;
  foreach ledger in array wall.ledgers() loop
    sealed := 0;
    for entry in execute format(
      'select e.id
         from public.%I e
        where e.id > coalesce((
                select s.row_id
                  from public.ledger_seals s
                 where s.ledger = $1 and s.created_at < now() - wall.longest_write()
                 order by s.row_id desc
                 limit 1), 0)
          and not exists (select from public.ledger_seals s where s.ledger = $1 and s.row_id = e.id)
        order by e.id
        limit $2', ledger) using ledger, most
    loop
      insert into public.ledger_seals (ledger, row_id) values (seal_ledgers.ledger, entry);
      sealed := sealed + 1;
    end loop;
    select s.chain_hash into head
      from public.ledger_seals s
     where s.ledger = seal_ledgers.ledger
     order by s.position desc
     limit 1;
    head := coalesce(head, ''::bytea);
    return next;
  end loop;
end
