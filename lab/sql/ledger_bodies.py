"""Bodies of the ledgers' functions, written from the rules: which ledgers there are, and how late a row may come."""

from collections.abc import Callable

from lab.rules.anchoring import LEDGERS, LONGEST_WRITE
from lab.rules.derived import quote, quote_all
from lab.rules.model import Table
from lab.rules.registry import Rules
from lab.rules.words import ids


def ledgers_body(_: Rules) -> str:
    """Return the body that names the ledgers."""
    return f"begin\n  return array[{quote_all(ids(LEDGERS))}];\nend"


def longest_write_body(_: Rules) -> str:
    """Return the body that says how much later than it was dated a row of a ledger may be committed."""
    return f"begin\n  return interval {quote(f'{LONGEST_WRITE.total_seconds():.0f} seconds')};\nend"


def stamp_ledger_body(_: Rules) -> str:
    """Return the body that numbers, dates and digests a row of a ledger."""
    cases = "\n    els".join(
        f"if tg_table_name = {quote(ledger.id)} then\n      select max(e.id) into newest from {ledger.qualified} e;"
        for ledger in LEDGERS
    )
    return _STAMP.replace("{newest}", f"{cases}\n    end if;")


def link_seal_body(_: Rules) -> str:
    """Return the body that makes a link from a ledger's own row."""
    row = _of_each("(select e.row_hash from {table} e where e.id = new.row_id)", "new.ledger")
    following = _of_each("(select e.id from {table} e where e.id > new.row_id order by e.id limit 1)", "new.ledger")
    return _LINK.replace("{row}", row).replace("{following}", following)


def _of_each(query: str, which: str) -> str:
    """Return the SQL that asks the ledger that `which` names; each query is planned once, and one of them runs."""
    return f"case {which}\n{chr(10).join(_asked(query, ledger) for ledger in LEDGERS)}\n            end"


def _asked(query: str, ledger: Table) -> str:
    return f"              when {quote(ledger.id)} then {query.replace('{table}', ledger.qualified)}"


_STAMP = """-- The number, the date and the digest are the database's own, whatever was sent: "overriding
-- system value" included. A row has a higher number than every row that is seen, also after a sequence was set back.
declare
  counter regclass := ('public.' || tg_table_name || '_id_seq')::regclass;
  newest bigint;
begin
  loop  -- two at once may have drawn in one order and written in the other
    new.id := nextval(counter);
    {newest}
    exit when new.id > coalesce(newest, 0);
    if pg_sequence_last_value(counter) < newest then
      perform setval(counter, newest);
    end if;
  end loop;
  new.created_at := clock_timestamp();
  new.row_hash := wall.ledger_content(to_jsonb(new));
  return new;
end"""

_LINK = """-- A link can only say what sealing would say: its place follows the last one, its digest is that of the
-- row itself.
-- A row whose neighbour was sealed long ago comes too late: verify_ledger names it.
-- The lock lets writers of rows pass; of two sealers one waits, and no login may take it.
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
    raise exception 'no row waits to be sealed here'
      using errcode = '23514', hint = 'Call public.seal_ledgers(): it takes the rows that are to be sealed.';
  end if;
  if exists (
       select
         from public.ledger_seals s
        where s.ledger = new.ledger and s.row_id = following
          and s.created_at < clock_timestamp() - wall.longest_write()) then
    raise exception 'this row is too late: the one after it was sealed long ago'
      using errcode = '23514',
            hint = 'Compare the row with a backup and the anchors; then let the owner call wall.reseal_ledger.';
  end if;
  select s.position, s.chain_hash into last
    from public.ledger_seals s
   where s.ledger = new.ledger
   order by s.position desc
   limit 1;
  new.id := greatest(new.id, 1 + (select max(s.id) from public.ledger_seals s));  -- a sequence may have been set back
  new.position := coalesce(last.position, 0) + 1;
  new.created_at := clock_timestamp();
  new.chain_hash := sha256(coalesce(last.chain_hash, ''::bytea) || int8send(new.position) || int8send(new.row_id)
                           || timestamptz_send(new.created_at) || new.row_hash);
  return new;
end"""

LEDGER_BODIES: dict[str, Callable[[Rules], str]] = {
    "ledgers": ledgers_body,
    "longest_write": longest_write_body,
    "stamp_ledger": stamp_ledger_body,
    "link_seal": link_seal_body,
}
