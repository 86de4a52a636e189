-- The last links of the hash chain are walked again: each must follow from the one before, and fit its row.
select count(*)
  from (select s.position, s.row_id, s.row_hash, s.chain_hash,
               lag(s.position) over chain as place_before, lag(s.chain_hash) over chain as hash_before
          from (select l.*
                  from public.ledger_seals l
                 where l.ledger = 'admin_audit_events'
                 order by l.position desc
                 limit nullif(current_setting('lab.recent', true), '')::bigint) s
        window chain as (order by s.position)) s
  left join public.admin_audit_events e on e.id = s.row_id
 where e.id is null
    or wall.ledger_content(to_jsonb(e)) is distinct from s.row_hash
    or s.place_before is not null and s.place_before <> s.position - 1
    or (s.place_before is not null or s.position = 1)
   and s.chain_hash <> sha256(
         coalesce(s.hash_before, ''::bytea) || int8send(s.position) || int8send(s.row_id) || s.row_hash)
