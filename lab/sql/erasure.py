"""Bodies of erasure, written from the rules: whose a row is, what is deleted, what is kept, and in which order."""

import re
from collections.abc import Callable, Iterator

from lab.rules.anchoring import BLANKED, LEDGERS
from lab.rules.derived import quote
from lab.rules.model import Column, EraseAction, Shared, Table
from lab.rules.registry import Rules

# These two are deleted last: the request that allows the erasure, and then the row that names the erased person.
_LAST = ("privacy_requests", "erased_subjects")
_ADDRESSES = (
    "select lower(u.email) from auth.users u where u.id = person and u.email is not null"
    " union select lower(g.contact) from public.gift_recipients g where g.accepted_subject_id = person"
    " and g.contact is not null"
)


# Inlined into the gate, which runs before every write for a person; other functions call wall.tombstone.
_TOMBSTONE = "sha256((select k.key from public.erasure_keys k) || uuid_send(person))"


# Any login can take an advisory lock, but only with this database's secret key can it compute whose lock a number is.
_LOCK_NUMBER = (
    "('x' || encode(substr(sha256(coalesce((select k.key from public.erasure_keys k), '')"
    " || convert_to({name}, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint"
)


def lock_number_body(_: Rules) -> str:
    """Return the body that computes the number of a lock."""
    return f"begin\n  return {_LOCK_NUMBER.replace('{name}', 'name')};\nend"


def inline_person_locks(body: str) -> str:
    """Replace calls for the number of a person's lock with the expression, because each call costs time at commit."""
    return re.sub(
        r"wall\.lock_number\(('person ' \|\| [\w.]+)\)", lambda call: _LOCK_NUMBER.replace("{name}", call[1]), body
    )


def tombstone_body(_: Rules) -> str:
    """Return the body that computes the tombstone of a person."""
    return f"begin\n  return {_TOMBSTONE};\nend"


def erase_rows_body(rules: Rules) -> str:
    """Return the body that erases a person, table by table, referencing tables first."""
    steps = [step for table in _erasure_order(rules) for step in _erase_steps(table)]
    head = "-- Each column is erased by its rule. The triggers allow this only in the transaction of an erasure.\n"
    start = f"#variable_conflict use_column\ndeclare\n  addresses text[] := array({_ADDRESSES});\nbegin\n"
    return head + start + "\n".join(steps) + "end"


def lock_rows_of_person_body(rules: Rules) -> str:
    """Return the body that locks every row that an erasure touches, or fails at once."""
    locks = [
        f"  perform from {table.qualified} t where {' or '.join(conditions)} for update nowait;"
        for table in _erasure_order(rules)
        if (conditions := [*_belongs(table), *_addressed(table), *_loses_parent(table)])
    ]
    head = f"declare\n  addresses text[] := array({_ADDRESSES});\nbegin\n"
    return head + "\n".join(locks) + "\nend"


def erasure_left_body(rules: Rules) -> str:
    """Return the body that lists the columns that still name a person."""
    asked = [
        f"  if exists (select from {table.qualified} t where t.{column.name} = person) then\n"
        f"    return next {quote(f'{table.id}.{column.name}')};\n  end if;"
        for table in rules.tables
        for column in table.columns
        if column.names_subject
    ]
    return "begin\n" + "\n".join(asked) + "\nend"


def erasure_pause_body(rules: Rules) -> str:
    """Return the body that returns the reason why an erasure has to wait."""
    holds = rules.table("legal_holds").column("table_name").allowed
    held = [
        f"    select h.reason_code from public.legal_holds h\n      join {table.qualified} t"
        f" on t.{table.primary_key[-1]}::text = h.row_id\n"
        f"     where h.table_name = {quote(table.id)} and (h.held_until is null or h.held_until > now())\n"
        f"       and ({' or '.join(_belongs(table))})"
        for table in rules.tables
        if table.id in holds
    ]
    dispute = (
        "    select 'open_dispute' from public.purchases t\n"
        "     where t.status = 'disputed' and person in (t.buyer_subject_id, t.recipient_subject_id)\n"
        "       and not exists (select from public.disputes d where d.purchase_id = t.id and d.status = 'lost')"
    )
    unions = "\n    union all\n".join([dispute, *held])
    return f"begin\n  return (\n    select p.reason from (\n{unions}\n    ) as p (reason) limit 1);\nend"


def refuse_erased_body(column: str) -> str:
    """Return the body of the check of every column with this name; null is no person, and is accepted."""
    person = f"new.{column}"
    return _GATE.replace("{tombstone}", _TOMBSTONE.replace("person", person)).replace("{person}", person)


_GATE = """-- The transaction gets its id before it reads. If it reads too early to see the tombstone, its id is below
-- the erasure's barrier, and the erasure waits for it. A transaction with an older snapshot locks the row of
-- erasure_keys, which each tombstone updates, so it fails with the SQLSTATE for "try again" and waits for no lock.
declare
  number xid8 := pg_current_xact_id();
begin
  if current_setting('transaction_isolation') <> 'read committed' and {person} is not null then
    begin
      perform from public.erasure_keys k for share nowait;
    exception when lock_not_available then
      raise exception 'an erasure began after this transaction'
        using errcode = '40001', hint = 'Try the whole transaction again; at READ COMMITTED this does not happen.';
    end;
  end if;
  if exists (select from public.erased_subjects e where e.tombstone = {tombstone}) then
    raise exception '%: this person is being erased or was erased', tg_table_name
      using errcode = '42501', hint = 'No row for this person is accepted.';
  end if;
  return new;
end"""


def _erasure_order(rules: Rules) -> list[Table]:
    """Return the tables in an order in which referencing rows are deleted first."""
    backwards = [table for table in rules.tables[::-1] if table.id not in _LAST]
    return [*backwards, *(rules.table(id) for id in _LAST)]


def _erase_steps(table: Table) -> Iterator[str]:
    yield from (_address_step(table, column) for column in table.columns if column.by_address)
    yield from (_share_step(table, column.name, column.shared) for column in table.columns if column.shared)
    goes = list(_goes(table))
    if goes:
        files = [column for column in table.columns if column.stored_file]
        yield from (_list_file(table, column, goes) for column in files)
        yield _step(table, f"delete from {table.qualified} t where {' or '.join(goes)}")
    for column in table.columns:
        if column.names_subject and column.erase is EraseAction.SET_NULL:
            yield from _blank(table, column)


def _goes(table: Table) -> Iterator[str]:
    """Yield the conditions under which a row is deleted: it names the person, or refers to a row that is deleted."""
    for column in table.columns:
        if column.erase is EraseAction.DELETE_ROW:
            yield from _leads(column)


def _leads(column: Column) -> Iterator[str]:
    if column.references is None or column.references.on_delete == "cascade":
        return
    if column.names_subject:
        yield f"t.{column.name} = person"
    elif isinstance(column.references.table, Table):
        yield from (f"t.{column.name} in ({of})" for of in _going_parents(column.references.table))


def _going_parents(parent: Table) -> Iterator[str]:
    """Yield the queries for the keys of a parent's rows that are deleted, without those that another person keeps."""
    for owner in parent.columns:
        if owner.names_subject and owner.erase is EraseAction.DELETE_ROW:
            kept = f" and not ({owner.shared.when})" if owner.shared else ""
            yield f"select t.id from {parent.qualified} t where t.{owner.name} = person{kept}"


def _belongs(table: Table) -> list[str]:
    """Return the conditions under which a row is the person's, whether it is deleted or kept."""
    blanked = [c.name for c in table.columns if c.names_subject and c.erase is EraseAction.SET_NULL]
    cascades = [
        f"t.{c.name} in ({of})"
        for c in table.columns
        if c.references and c.references.on_delete == "cascade" and isinstance(c.references.table, Table)
        for of in _going_parents(c.references.table)
    ]
    return list(dict.fromkeys([*_goes(table), *(f"t.{name} = person" for name in blanked), *cascades]))


def _addressed(table: Table) -> Iterator[str]:
    """Yield the conditions under which another person's row has an address of the person."""
    yield from (f"lower(t.{column.name}) = any (addresses)" for column in table.columns if column.by_address)


def _loses_parent(table: Table) -> Iterator[str]:
    """Yield the conditions under which a row stays, and its foreign key is set to null, when its parent is deleted."""
    for column in table.columns:
        if column.references and column.references.on_delete == "set null":
            parent = column.references.table
            yield from (
                f"t.{column.name} in ({of})" for of in (_going_parents(parent) if isinstance(parent, Table) else ())
            )


def _address_step(table: Table, column: Column) -> str:
    changes = ", ".join(f"{name} = {value}" for name, value in column.by_address)
    return _step(table, f"update {table.qualified} t set {changes} where lower(t.{column.name}) = any (addresses)")


def _share_step(table: Table, subject: str, shared: Shared) -> str:
    changes = ", ".join(f"{name} = {value}" for name, value in shared.sets)
    kept = f"t.{subject} = person and {shared.when}"
    return _step(table, f"update {table.qualified} t set {changes} where {kept}")


def _list_file(table: Table, column: Column, goes: list[str]) -> str:
    """Return the statements that list files to delete in storage, also those that wait from an earlier deletion."""
    key, gone = table.primary_key[0], " or ".join(goes)
    return (
        f"  update public.storage_deletions d set request_id = request\n"
        f"   where d.request_id is null and d.done_at is null\n"
        f"     and d.row_id in (select t.{key} from {table.qualified} t where {gone});\n"
        f"  insert into public.storage_deletions (request_id, row_id, storage_path)\n"
        f"  select request, t.{key}, t.{column.name} from {table.qualified} t\n"
        f"   where t.{column.name} is not null and ({gone});\n"
    )


def _blank(table: Table, column: Column) -> Iterator[str]:
    if table in LEDGERS:
        yield _note_entries(table, column)
    blank = ", ".join(f"{name} = null" for name in _blanked_with(table, column))
    yield _step(table, f"update {table.qualified} t set {blank} where t.{column.name} = person")


def _note_entries(table: Table, column: Column) -> str:
    """Return the statement that adds an audit line for each entry of a ledger that is blanked."""
    return (
        "  insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome)\n"
        f"  select 'system', {quote(BLANKED)}, {quote(table.id)}, t.id::text, 'done'\n"
        f"    from {table.qualified} t where t.{column.name} = person order by t.id;\n"
    )


def _blanked_with(table: Table, subject: Column) -> list[str]:
    """Return the columns that are blanked together with a subject; alone when the row has several subjects."""
    subjects = [column for column in table.columns if column.names_subject]
    others = [c.name for c in table.columns if c.erase is EraseAction.SET_NULL and not c.references]
    return [subject.name, *(others if len(subjects) == 1 else [])]


def _step(table: Table, statement: str) -> str:
    return (
        f"  {statement};\n  get diagnostics affected = row_count;\n  table_name := {quote(table.id)};\n  return next;\n"
    )


ERASURE_BODIES: dict[str, Callable[[Rules], str]] = {
    "tombstone": tombstone_body,
    "lock_number": lock_number_body,
    "erase_rows": erase_rows_body,
    "lock_rows_of_person": lock_rows_of_person_body,
    "erasure_left": erasure_left_body,
    "erasure_pause": erasure_pause_body,
}
