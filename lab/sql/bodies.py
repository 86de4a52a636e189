"""Function bodies that are written from the rules: what a job needs, what a consent covers, how a person is erased."""

from collections.abc import Callable, Iterator

from lab.rules.derived import quote, quote_all
from lab.rules.functions.triggers import stamp_ledger
from lab.rules.model import Column, EraseAction, Table
from lab.rules.registry import Rules
from lab.sql.ai_bodies import (
    fits_layer_body,
    forbidden_words_body,
    lease_ai_run_body,
    repeats_others_body,
    word_digests_body,
)


def job_purposes_body(rules: Rules) -> str:
    """Return the body that answers which consents a job's leg needs."""
    cases = []
    for job in rules.jobs:
        for leg in job.legs:
            needs = (*job.consents, *(job.email_leg_waits_for if leg == "email" else ()))
            purposes = quote_all(tuple(consent.id for consent in needs))
            cases.append(f"    when {quote(f'{job.id} {leg}')} then array[{purposes}]::text[]")
    return "select case channel || ' ' || leg\n" + "\n".join(cases) + "\n  end"


def job_settings_body(rules: Rules) -> str:
    """Return the body that lists a job's legs with what the rules say of each."""
    rows = [
        f"    ({quote(job.id)}, {quote(leg)}, {str(leg == 'email' and bool(job.email_leg_waits_for)).lower()}, "
        f"{job.max_attempts}::smallint, {quote(job.support_path)})"
        for job in rules.jobs
        for leg in job.legs
    ]
    return (
        "select s.leg, s.waits, s.max_attempts, s.support_path\n  from (values\n"
        + ",\n".join(rows)
        + "\n  ) as s (channel, leg, waits, max_attempts, support_path)\n where s.channel = job_settings.channel"
    )


def consent_scope_body(rules: Rules) -> str:
    """Return the body that answers whether a consent covers one artifact or the whole account."""
    scoped = quote_all(tuple(consent.id for consent in rules.consents if consent.scope == "artifact"))
    return f"select case when purpose in ({scoped}) then artifact_id end"


def amount_text_body(rules: Rules) -> str:
    """Return the body that writes an amount in whole units of its currency, with the currency's code."""
    exponents = sorted({currency.exponent for currency in rules.currencies})
    groups = [(n, tuple(c.id for c in rules.currencies if c.exponent == n)) for n in exponents]
    cases = "".join(f" when currency in ({quote_all(group)}) then {exponent}" for exponent, group in groups)
    return (
        "select round(amount_minor / power(10::numeric, c.exponent), c.exponent)::text || ' ' || upper(currency)\n"
        f"  from (select case{cases} end) as c (exponent)"
    )


def ledger_content_body(rules: Rules) -> str:
    """Return the body that digests a ledger row without its own hash and without what erasure removes."""
    ledgers = [table for table in rules.tables if any(t.function is stamp_ledger for t in table.triggers)]
    erasable = {c.name for table in ledgers for c in table.columns if c.erase is EraseAction.SET_NULL}
    left_out = quote_all(("row_hash", *sorted(erasable)))
    return f"select sha256(convert_to(jsonb_strip_nulls(entry - array[{left_out}])::text, 'UTF8'))"


def erase_subject_body(rules: Rules) -> str:
    """Return the body that erases a person, table by table, those that point at others first."""
    steps = [step for table in _erasure_order(rules) for step in _erase_steps(table)]
    return _ERASE_HEAD + "\n".join(steps) + _ERASE_TAIL


_KEY = "privacy_requests"


def _erasure_order(rules: Rules) -> list[Table]:
    """Return tables so that whatever points at a row goes first; the request that allows it all goes last."""
    backwards = list(rules.tables)[::-1]
    return [table for table in backwards if table.id != _KEY] + [table for table in backwards if table.id == _KEY]


def _erase_steps(table: Table) -> Iterator[str]:
    goes = [column for column in table.columns if column.erase is EraseAction.DELETE_ROW]
    conditions = [condition for column in goes for condition in _belongs(column)]
    if conditions:
        yield _step(table, f"delete from {table.qualified} where {' or '.join(conditions)}")
    for column in table.columns:
        if column.names_subject and column.erase is EraseAction.SET_NULL:
            blank = ", ".join(f"{name} = null" for name in _blanked_with(table, column))
            yield _step(table, f"update {table.qualified} set {blank} where {column.name} = person")


def _belongs(column: Column) -> Iterator[str]:
    """Yield the conditions under which a row is the person's: by their id, or by a row of theirs that it hangs on."""
    if column.references is None or column.references.on_delete == "cascade":
        return
    target = column.references.table
    if column.names_subject:
        yield f"{column.name} = person"
    elif isinstance(target, Table):
        for owner in target.columns:
            if owner.names_subject and owner.erase is EraseAction.DELETE_ROW:
                yield f"{column.name} in (select t.id from {target.qualified} t where t.{owner.name} = person)"


def _blanked_with(table: Table, subject: Column) -> list[str]:
    """Return the columns that are blanked together with a subject; alone when the row has several subjects."""
    subjects = [column for column in table.columns if column.names_subject]
    others = [c.name for c in table.columns if c.erase is EraseAction.SET_NULL and not c.references]
    return [subject.name, *(others if len(subjects) == 1 else [])]


def _step(table: Table, statement: str) -> str:
    return (
        f"  {statement};\n"
        f"  get diagnostics affected = row_count;\n"
        f"  table_name := {quote(table.id)};\n  total := total + affected;\n  return next;\n"
    )


_ERASE_HEAD = """-- Each column's rule decides. The request must be running; it is the only key to what is sealed.
#variable_conflict use_column
declare
  person uuid;
  total bigint := 0;
begin
  select r.subject_id into person
    from public.privacy_requests r
   where r.id = erase_subject.privacy_request_id and r.kind = 'deletion' and r.status = 'running'
     for update;
  if person is null then
    raise exception 'this privacy request does not allow erasure'
      using errcode = '42501', hint = 'Erasure needs a deletion request that is verified and running.';
  end if;

"""

_ERASE_TAIL = """
  insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
  values ('server', 'subject.erased', 'privacy_requests', erase_subject.privacy_request_id::text, 'done',
          jsonb_build_object('rows', total));
end"""

DERIVED_BODIES: dict[str, Callable[[Rules], str]] = {
    "job_purposes": job_purposes_body,
    "job_settings": job_settings_body,
    "consent_scope": consent_scope_body,
    "ledger_content": ledger_content_body,
    "amount_text": amount_text_body,
    "lease_ai_run": lease_ai_run_body,
    "fits_layer": fits_layer_body,
    "forbidden_words": forbidden_words_body,
    "word_digests": word_digests_body,
    "repeats_others": repeats_others_body,
    "erase_subject": erase_subject_body,
}
