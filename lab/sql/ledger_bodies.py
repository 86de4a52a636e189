"""Bodies of the ledgers' functions, written from the rules: the list of ledgers, their digests, numbers and seals."""

from collections.abc import Callable, Collection

from lab.rules.anchoring import LEDGERS, MAX_WRITE_DELAY
from lab.rules.constructors import ids
from lab.rules.derived import quote, quote_all, quote_array
from lab.rules.model import EraseAction, Table
from lab.rules.registry import Rules
from lab.rules.tables.consent import consent_events
from lab.rules.tables.operations import admin_audit_events


def ledgers_body(_: Rules) -> str:
    """Return the body that names the ledgers."""
    return f"begin\n  return array[{quote_all(ids(LEDGERS))}];\nend"


def longest_write_body(_: Rules) -> str:
    """Return the body that says how much later than it was dated a row of a ledger may be committed."""
    return f"begin\n  return interval {quote(f'{MAX_WRITE_DELAY.total_seconds():.0f} seconds')};\nend"


def ledger_content_body(_: Rules) -> str:
    """Return the body that digests a ledger row."""
    erasable = {name for table in LEDGERS for name in _erasable(table)}
    return f"begin\n  return {_digest(_leave_out('entry', ('row_hash', *sorted(erasable))))};\nend"


def _digest(entry: str) -> str:
    """Return the SQL that digests a ledger row; nulls are left out, so that a new column changes no digest."""
    return f"sha256(convert_to(jsonb_strip_nulls({entry})::text, 'UTF8'))"


def _leave_out(entry: str, names: Collection[str]) -> str:
    return f"{entry} - array[{quote_all(tuple(names))}]" if names else entry


def _erasable(table: Table) -> list[str]:
    """Return the columns that erasure removes; a digest leaves them out, so that it stays the same."""
    return [column.name for column in table.columns if column.erase is EraseAction.SET_NULL]


def stamp_consent_event_body(_: Rules) -> str:
    """Return the body that fills in an entry of the consent ledger."""
    return _STAMP_CONSENT.replace("{number}", _number(consent_events))


def stamp_audit_event_body(_: Rules) -> str:
    """Return the body that fills in a line of the audit trail."""
    return _STAMP_AUDIT.replace("{number}", _number(admin_audit_events))


def _number(ledger: Table) -> str:
    """Return the SQL that numbers, dates and digests a row of a ledger; it is inlined to save a call."""
    counter = f"{ledger.qualified}_id_seq"
    named = _NUMBER.replace("{counter}", quote(counter)).replace("{ledger}", ledger.qualified)
    return named.replace("{digest}", _digest(_leave_out("to_jsonb(new)", _erasable(ledger))))


def is_audit_line_body(_: Rules) -> str:
    """Return the body that judges a line; a check of each list would be parsed for every line."""
    listed = (
        f"{column.name} = any ({quote_array(column.allowed)})"
        for column in admin_audit_events.columns
        if column.allowed
    )
    return _AUDIT_LINE.strip().replace("{listed}", " and ".join(listed))


def link_seal_body(_: Rules) -> str:
    """Return the body that fills in a seal from the ledger's row that it seals."""
    row = _of_each("(select e.row_hash from {table} e where e.id = new.row_id)", "new.ledger")
    following = _of_each("(select e.id from {table} e where e.id > new.row_id order by e.id limit 1)", "new.ledger")
    return _LINK.replace("{row}", row).replace("{following}", following)


def _of_each(query: str, which: str) -> str:
    """Return the SQL that queries the ledger named by `which`; each query is planned once, and only one runs."""
    return f"case {which}\n{chr(10).join(_asked(query, ledger) for ledger in LEDGERS)}\n            end"


def _asked(query: str, ledger: Table) -> str:
    return f"              when {quote(ledger.id)} then {query.replace('{table}', ledger.qualified)}"


_NUMBER = """  -- The database sets the number, date and digest and ignores the values that were sent, even with
  -- "overriding system value". The number is higher than that of every visible row, also after a sequence reset.
  -- The query reads only rows with a number that is not lower, of which there are normally none.
  loop  -- two transactions may take numbers in one order and write in the other
    new.id := nextval({counter});
    select e.id into newest from {ledger} e where e.id >= new.id order by e.id desc limit 1;
    exit when newest is null;
    if pg_sequence_last_value({counter}) < newest then
      perform setval({counter}, newest);
    end if;
  end loop;
  new.created_at := clock_timestamp();
  new.row_hash := null;  -- the digest does not cover itself, as in wall.ledger_content
  new.row_hash := {digest};
  return new;
end"""

_STAMP_CONSENT = """declare
  noticed text;
  newest bigint;
begin
  if new.subject_id is null then
    raise exception 'a consent needs a subject_id' using errcode = '23502';
  end if;
  if new.notice_id is null then
    new.wording_version := null;
    new.wording_sha256 := null;
    new.locale := null;
  else
    select n.version, n.body_sha256, n.locale, n.purpose
      into new.wording_version, new.wording_sha256, new.locale, noticed
      from public.consent_notices n
     where n.id = new.notice_id;
    if noticed is distinct from new.purpose then
      raise exception 'the notice belongs to another purpose'
        using errcode = '23514', hint = 'Pass the notice of this purpose.';
    end if;
  end if;
  if new.scope_id is not null then
    if not exists (
         select from public.oracle_artifacts a where a.id = new.scope_id and a.subject_id = new.subject_id) then
      raise exception 'this artifact belongs to another person'
        using errcode = '42501', hint = 'Pass an artifact of the same person.';
    end if;
  end if;
  new.personal_salt := gen_random_uuid();
  new.personal_digest := sha256(convert_to(
    new.personal_salt::text || new.subject_id::text || coalesce(new.evidence::text, ''), 'UTF8'));
{number}"""

_STAMP_AUDIT = """-- Most lines have no uuid, which the first condition finds out quickly; as a
-- condition of the trigger Postgres would parse it for every line. A uuid that is no person's stays. A person's uuid is
-- found with any characters between or beside its 32 digits, and is then replaced with the person's code.
declare
  run text;
  code text;
  newest bigint;
begin
  if concat_ws(' ', new.actor_id, new.object_id, new.details) ~ '[0-9A-Fa-f_.:-]{32}' then
    for run in
      select distinct m[1]
        from regexp_matches(concat_ws(' ', new.actor_id, new.object_id, new.details),
                            '([0-9a-f](?:[_.:-]*[0-9a-f]){31,})', 'gi') m
    loop
      select wall.audit_code(w.id) into code
        from (select substr(d.digits, place, 32)::uuid as id
                from (select translate(run, '_.:-', '') as digits) d,
                     generate_series(1, char_length(d.digits) - 31) as place) w
       where exists (select from auth.users u where u.id = w.id) or wall.is_erased(w.id)
       limit 1;
      if code is not null then
        new.actor_id := replace(new.actor_id, run, code);
        new.object_id := replace(new.object_id, run, code);
        new.details := replace(new.details::text, run, code)::jsonb;
      end if;
    end loop;
  end if;
{number}"""

_AUDIT_LINE = r"""
-- Most lines are judged by their text alone, if the row's key is a number: in a text of up to 46 characters no part is
-- too long. The pattern excludes empty parts and spaces.
declare
  line text := concat_ws(' ', action, object_table, object_id);
begin
  if not ({listed}) then
    return false;
  end if;
  if actor_id is null and char_length(line) <= 46 and line ~ '^[a-z_]+\.[a-z_]+ [a-z_]+ -?[0-9]+$' then
    return true;
  end if;
  return action ~ '^[a-z_]+\.[a-z_]+$' and char_length(action) <= 49
     and wall.is_audit_object(object_table, object_id)
     and (actor_id is null or wall.is_audit_object('actor', actor_id));
end"""

_LINK = """-- The link's values are computed as seal_ledgers computes them: the next place, and the digest of the row.
-- A row is too late if the row after it was sealed long ago; verify_ledger reports it.
-- The lock does not block writers of rows. Two sealers wait for each other, and no login may take the lock.
declare
  last record;
  following bigint;
begin
  lock table public.ledger_seals in share update exclusive mode;
  if new.ledger = any (wall.ledgers()) is not true then
    raise exception 'no such ledger'
      using errcode = '22023', hint = 'Choose ' || array_to_string(wall.ledgers(), ' or ') || '.';
  end if;
  new.row_hash := {row};
  following := {following};
  if new.row_hash is null then
    raise exception 'there is no such ledger row to seal'
      using errcode = '23514', hint = 'Call public.seal_ledgers(), which finds the rows to seal.';
  end if;
  if exists (
       select
         from public.ledger_seals s
        where s.ledger = new.ledger and s.row_id = following
          and s.created_at < clock_timestamp() - wall.longest_write()) then
    raise exception 'this row is too late because the row after it was sealed long ago'
      using errcode = '23514',
            hint = 'Compare the row with a backup and the anchors. Then call wall.reseal_ledger as the owner.';
  end if;
  select s.position, s.chain_hash into last
    from public.ledger_seals s
   where s.ledger = new.ledger
   order by s.position desc
   limit 1;
  new.id := greatest(new.id, 1 + (select max(s.id) from public.ledger_seals s));  -- the sequence may have been set back
  new.position := coalesce(last.position, 0) + 1;
  new.created_at := clock_timestamp();
  new.chain_hash := sha256(coalesce(last.chain_hash, ''::bytea) || int8send(new.position) || int8send(new.row_id)
                           || timestamptz_send(new.created_at) || new.row_hash);
  return new;
end"""

LEDGER_BODIES: dict[str, Callable[[Rules], str]] = {
    "ledgers": ledgers_body,
    "longest_write": longest_write_body,
    "ledger_content": ledger_content_body,
    "stamp_consent_event": stamp_consent_event_body,
    "stamp_audit_event": stamp_audit_event_body,
    "is_audit_line": is_audit_line_body,
    "link_seal": link_seal_body,
}
