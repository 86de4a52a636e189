"""The families of checks: each is one entry in one list, and asks one kind of thing of a target."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab.check import check_database
from lab.exposure import find_table
from lab.findings import Finding
from lab.plan import Plan, make_plan
from lab.readiness.report import Answer
from lab.rules import RULES
from lab.scenario import Scenario


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is to be checked.

    Args:
        url: The database's URL, which may hold a password.
        target: Names the target for people.
        families: Only these, when given; otherwise those that the options ask for.
        layers: Only what these layers need, when given.
        probe: Whether to act as each role, which writes and rolls back.
        stripe: Whether to ask the live Stripe account.
        env_file: The environment's file, when it is not the process's own environment.
        environ: The process's environment.
    """

    url: str = field(repr=False)
    target: str
    families: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    probe: bool = False
    stripe: bool = False
    env_file: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    def plans(self) -> tuple[Plan, ...]:
        """Return the plans of the layers in question with everything they offer; none when all are meant."""
        chosen = [layer for layer in RULES.layers if layer.id in self.layers]
        consents = tuple(consent.id for consent in RULES.consents)
        offered = [(layer.id, tuple(channel.id for channel in layer.channels)) for layer in chosen]
        return tuple(make_plan(Scenario(layer=id_, channels=channels, consents=consents)) for id_, channels in offered)


@dataclass(frozen=True, kw_only=True)
class Family:
    """One family of checks.

    Args:
        id: Its name, as `--family` takes it.
        title: What it looks at.
        how_to_ask: The option that asks it, for people.
        asked: Whether a question asks it, when no family is named.
        answer: Asks it; may raise DatabaseUnavailable when the target can't be reached.
    """

    id: str
    title: str
    how_to_ask: str
    asked: Callable[[Question], bool]
    answer: Callable[[Question], Answer]


def _ask_wall(question: Question) -> Answer:
    """Compare the catalogue: schema, access, and what strangers brought."""
    seen = check_database(question.url, target=question.target)
    tables = _tables(question)
    findings = tuple(finding for finding in seen.findings if _concerns(finding, tables))
    unread = any(unknown.what == "the catalogue" for unknown in seen.unknown)
    return Answer(
        family=wall.id,
        title=wall.title,
        checked=() if unread else tables,
        findings=findings,
        unknown=seen.unknown,
        notes=_notes(seen.findings, seen.replica),
        server_version=seen.server_version,
        round_trips=seen.round_trips,
    )


def _tables(question: Question) -> tuple[str, ...]:
    needed = {line.name for plan in question.plans() for line in plan.tables}
    return tuple(table.qualified for table in RULES.tables if not needed or table.qualified in needed)


def _concerns(finding: Finding, tables: tuple[str, ...]) -> bool:
    """Tell whether a finding is about these tables, or about no table in particular: that concerns all layers."""
    table = find_table(finding.subject)
    return table is None or table.qualified in tables


def _notes(findings: tuple[Finding, ...], replica: bool) -> tuple[str, ...]:
    missing = {f.subject for f in findings if f.key.startswith("table:") and f.key.endswith(":missing")}
    notes = []
    if missing >= {table.qualified for table in RULES.tables}:
        notes.append(
            "None of the wall's tables is here. Is this the right database? If it is, "
            "`python -m lab migrate --database-url URL --apply` builds the wall."
        )
    if replica:
        notes.append("This is a standby: run repairs on its primary.")
    return tuple(notes)


wall = Family(
    id="wall",
    title="Tables, constraints, triggers, policies and grants are as the rules make them.",
    how_to_ask="It is always asked, unless --family names others.",
    asked=lambda question: True,
    answer=_ask_wall,
)

FAMILIES = (wall,)
