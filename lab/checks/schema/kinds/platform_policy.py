"""Reports policies on the platform's tables, graded by the rows that they allow."""

from typing import Literal

from lab.checks.schema.difference import Forms
from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import INFO
from lab.rules.model import Severity


def _grade_policy(change: Change) -> Severity | None:
    """Grade a policy as information; `judge_open_policy` raises it if the policy allows everybody."""
    return INFO if change.facts.get("roles") else None


def _find_condition(change: Change) -> Forms | None:
    """Return the condition of a policy, combined with those of the restrictive policies."""
    facts = change.facts
    if not facts.get("roles"):
        return None
    parts = [facts["condition"], *(one for one in facts.get("restrictive", []) if one)]
    seen = " and ".join(f"({part})" for part in parts)
    roles = tuple(facts["roles"])
    use: Literal["platform", "upload"] = "upload" if facts["new"] else "platform"
    return Forms(use=use, relation=facts["relation"], expected="false", seen=seen, roles=roles)


def _say_policy(facts: Facts) -> str:
    by = "new rows by" if facts["new"] and facts["command"] != "insert" else "by"
    return f"for {facts['command']} to {', '.join(facts['roles'])} {by} {facts['condition']}"


def _write_title(change: Change) -> str:
    return f"Policy {change.facts['policy']} decides who reaches {change.facts['relation']}"


def _write_decision(change: Change) -> str:
    policy, relation = change.facts["policy"], change.facts["relation"]
    return (
        "Decide which rows these roles need, and name them in the condition: for files, a bucket and the person's own "
        f"folder. A policy that nobody needs can be dropped: drop policy {policy} on {relation};"
    )


KIND = Kind(
    name="platform_policy",
    plural="policies of the platform's tables",
    label="policy",
    title="A policy opens private tables of the platform",
    means="A policy on a private table of the platform lets roles reach accounts, keys or files.",
    example="create policy everybody_reads on storage.objects for select to anon using (true);",
    accept="When the policy is limited to one bucket whose files are public on purpose.",
    query=read_query("platform_policy"),
    say=_say_policy,
    family="access",
    stage=50,
    missing=None,
    extra=Aspect(
        severity=_grade_policy,
        title=_write_title,
        why="The platform keeps accounts, keys or files in this table.",
        decide=_write_decision,
        forms=_find_condition,
    ),
    anywhere=True,
    subject=lambda change: f"{change.facts['relation']}.{change.facts['policy']}",
)
