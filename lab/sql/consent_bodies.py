"""Function bodies that are written from the rules: consents of a job, scopes of consents, a person's own rows."""

from collections.abc import Iterator

from lab.rules.derived import list_subjects, own_references, quote, quote_all
from lab.rules.model import Column, Consent, Job, Table
from lab.rules.registry import Rules
from lab.rules.tables.gifts import gift_recipients


def append_consent_body(function: str) -> str:
    """Return the body that adds an entry; each of its functions has a copy, because a call costs more."""
    return _APPEND.replace("{entry}", function)


def job_purposes_body(rules: Rules) -> str:
    """Return the body that returns the consents that a job's leg needs; an unknown leg is refused."""
    purposes = [
        (f"{job.id} {leg}", f"array[{quote_all(tuple(consent.id for consent in _needs(job, leg)))}]::text[]")
        for job in rules.jobs
        for leg in job.legs
    ]
    return _answer("channel || ' ' || leg", purposes, "unknown channel and leg", "wall.job_settings")


def job_consents_valid_body(rules: Rules) -> str:
    """Return the body that checks the ledger for each consent of a leg; an unknown or missing leg is refused."""
    answers = [(f"{job.id} {leg}", _all_valid(_needs(job, leg))) for job in rules.jobs for leg in job.legs]
    asked = "coalesce(channel || ' ' || leg, '')"
    return _answer(asked, answers, "unknown channel and leg", "wall.job_settings")


def _all_valid(consents: tuple[Consent, ...]) -> str:
    scope = "job_consents_valid.artifact_id"
    checks = (f"wall.consent_is_valid(subject, {quote(c.id)}, {_scope(c, scope)})" for c in consents)
    return " and ".join(checks) or "true"


def _scope(consent: Consent, artifact: str) -> str:
    return artifact if consent.scope == "artifact" else "null"


def _needs(job: Job, leg: str) -> tuple[Consent, ...]:
    return (*job.consents, *(job.email_leg_waits_for if leg == "email" else ()))


def job_waits_body(rules: Rules) -> str:
    """Return the body that tells whether a leg waits for its consent; an unknown leg is refused."""
    waits = [(f"{job.id} {leg}", str(_waits(job, leg)).lower()) for job in rules.jobs for leg in job.legs]
    return _answer("channel || ' ' || leg", waits, "unknown channel and leg", "wall.job_settings")


def _waits(job: Job, leg: str) -> bool:
    return leg == "email" and bool(job.email_leg_waits_for)


def consent_scope_body(rules: Rules) -> str:
    """Return the body that tells whether a consent covers one artifact or the whole account."""
    scopes = [(consent.id, _scope(consent, "artifact_id")) for consent in rules.consents]
    return _answer("purpose", scopes, "unknown consent purpose", "public.consent_notices")


def _answer(question: str, answers: list[tuple[str, str]], fault: str, listed: str) -> str:
    """Return a body that refuses unknown values, because a null result could be taken for a yes.

    For null it returns null: Postgres calls it with null when it plans the call.
    """
    cases = "\n".join(f"    when {quote(known)} then return {answer};" for known, answer in answers)
    return (
        f"begin\n  if {question} is null then\n    return null;\n  end if;\n"
        f"  case {question}\n{cases}\n    else\n"
        f"      raise exception '{fault}'\n"
        f"        using errcode = '22023', hint = 'Choose one of those in {listed}.';\n"
        "  end case;\nend"
    )


def job_settings_body(rules: Rules) -> str:
    """Return the body that lists a job's legs with their settings in the rules."""
    legs = "".join(_setting(job, leg) for job in rules.jobs for leg in job.legs)
    return f"begin\n{legs}end"


def _setting(job: Job, leg: str) -> str:
    said = {
        "leg": quote(leg),
        "waits": str(_waits(job, leg)).lower(),
        "max_attempts": job.max_attempts,
        "support_path": quote(job.support_path),
    }
    lines = "".join(f"    {name} := {value};\n" for name, value in said.items())
    return f"  if channel = {quote(job.id)} then\n{lines}    return next;\n  end if;\n"


def require_own_body(rules: Rules) -> str:
    """Return the body that refuses a reference from a person's row to another person's row."""
    tables = [table for table in rules.tables[::-1] if own_references(table)]  # jobs, the most frequent, come first
    return (
        "declare\n  place text;\nbegin\n"
        + "  "
        + "\n  els".join(_branch(table) for table in tables)
        + "\n  end if;\n  if place is not null then\n"
        "    raise exception '%.% refers to something that belongs to another person', tg_table_name, place\n"
        "      using errcode = '42501', hint = 'Pass what belongs to the same person.';\n"
        "  end if;\n  return new;\nend"
    )


def _branch(table: Table) -> str:
    lines = [line for column in own_references(table) for line in _check_reference(table, column)]
    return "\n    ".join((f"if tg_table_name = {quote(table.id)} then", *lines))


def _check_reference(table: Table, column: Column) -> tuple[str, ...]:
    """Check a reference when it or the person changes; a row without a person is not checked.

    Each query is a statement of its own: the first decides most rows, and Postgres prepares all of a statement.
    """
    subjects = [subject.name for subject in list_subjects(table)]
    nullable = any(subject.nullable for subject in list_subjects(table))
    named = [f"and num_nonnulls({', '.join(f'new.{name}' for name in subjects)}) > 0"] if nullable else []
    changed = [f"new.{name} is not null and new.{name} is distinct from old.{name}" for name in subjects * nullable]
    moved = "\n           or ".join(
        ("tg_op = 'INSERT'", f"new.{column.name} is distinct from old.{column.name}", *changed)
    )
    asked = (f"if new.{column.name} is not null", *(f"   {name}" for name in named), f"   and ({moved}) then")
    lines: tuple[str, ...] = (f"place := {quote(column.name)};",)
    for found in reversed(tuple(_find_own(column, subjects))):
        lines = (f"if not exists ({found}) then", *(f"  {line}" for line in lines), "end if;")
    return (*asked, *(f"  {line}" for line in lines), "end if;")


def _find_own(column: Column, subjects: list[str]) -> Iterator[str]:
    """Yield the queries that find the referenced row among the subjects' own rows, or among those given to them."""
    target = column.references.table if column.references else None
    if column.references and isinstance(target, Table):
        owners = ", ".join(f"t.{owner.name}" for owner in list_subjects(target))
        own = " or ".join(f"new.{name} in ({owners})" for name in subjects)
        yield f"select from {target.qualified} t where t.{target.primary_key[0]} = new.{column.name} and ({own})"
        if column.references.given:
            yield " union all ".join(_find_gift(column, name) for name in subjects)


def _find_gift(column: Column, subject: str) -> str:
    accepted = f"g.artifact_id = new.{column.name} and g.accepted_subject_id = new.{subject}"
    return f"select from {gift_recipients.qualified} g where {accepted}"


_APPEND = """#variable_conflict use_column
declare
  entry bigint;
begin
  insert into public.consent_events (request_id, subject_id, purpose, action, scope_id, notice_id, evidence)
  values ({entry}.request_id, {entry}.subject_id, {entry}.purpose, {entry}.action, {entry}.scope_id, {entry}.notice_id,
          {entry}.evidence)
      on conflict (request_id) do nothing
  returning id into entry;
  if entry is null then
    select e.id into entry
      from public.consent_events e
     where e.request_id = {entry}.request_id
       and e.subject_id = {entry}.subject_id
       and e.purpose = {entry}.purpose
       and e.action = {entry}.action
       and e.scope_id is not distinct from {entry}.scope_id;
    if entry is null then
      raise exception 'this request_id was used for another decision'
        using errcode = '23505', hint = 'Use a new request_id for each decision.';
    end if;
  end if;
  return entry;
end"""
