"""Function bodies that are written from the rules: what a job needs, what a consent covers."""

from collections.abc import Callable

from lab.rules.derived import quote, quote_all
from lab.rules.functions.triggers import stamp_ledger
from lab.rules.model import EraseAction
from lab.rules.registry import Rules
from lab.sql.erasure import ERASURE_BODIES


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


def ledger_content_body(rules: Rules) -> str:
    """Return the body that digests a ledger row without its own hash and without what erasure removes."""
    ledgers = [table for table in rules.tables if any(t.function is stamp_ledger for t in table.triggers)]
    erasable = {c.name for table in ledgers for c in table.columns if c.erase is EraseAction.SET_NULL}
    left_out = quote_all(("row_hash", *sorted(erasable)))
    return f"select sha256(convert_to(jsonb_strip_nulls(entry - array[{left_out}])::text, 'UTF8'))"


DERIVED_BODIES: dict[str, Callable[[Rules], str]] = {
    "job_purposes": job_purposes_body,
    "job_settings": job_settings_body,
    "consent_scope": consent_scope_body,
    "ledger_content": ledger_content_body,
    **ERASURE_BODIES,
}
