-- The last links of the hash chain are walked again: each must follow from the one before, and fit its row.
-- A row that is older than a link of an hour ago, and in no link itself, was slipped in.
select (select count(*)
          from (select s.position, s.row_id, s.row_hash, s.chain_hash, s.created_at,
                       lag(s.position) over chain as place_before, lag(s.chain_hash) over chain as hash_before
                  from (select l.*
                          from public.ledger_seals l
                         where l.ledger = 'consent_events'
                         order by l.position desc
                         limit nullif(current_setting('lab.recent', true), '')::bigint) s
                window chain as (order by s.position)) s
          left join public.consent_events e on e.id = s.row_id
         where e.id is null
            or wall.ledger_content(to_jsonb(e)) is distinct from e.row_hash
            or e.row_hash is distinct from s.row_hash
            or e.personal_salt is not null
           and e.personal_digest <> sha256(convert_to(
                 e.personal_salt::text || e.subject_id::text || coalesce(e.evidence::text, ''), 'UTF8'))
            or e.personal_salt is null and num_nonnulls(e.subject_id, e.evidence) > 0
            or s.place_before is not null and s.place_before <> s.position - 1
            or (s.place_before is not null or s.position = 1)
           and s.chain_hash <> sha256(coalesce(s.hash_before, ''::bytea) || int8send(s.position) || int8send(s.row_id)
                                      || timestamptz_send(s.created_at) || s.row_hash))
     + (select count(*)
          from (select e.id
                  from public.consent_events e
                 order by e.id desc
                 limit nullif(current_setting('lab.recent', true), '')::bigint) e
         where e.id <= (select s.row_id
                          from public.ledger_seals s
                         where s.ledger = 'consent_events' and s.created_at < now() - interval '1 hour'
                         order by s.row_id desc
                         limit 1)
           and not exists (select from public.ledger_seals s where s.ledger = 'consent_events' and s.row_id = e.id))
