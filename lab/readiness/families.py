"""The families of checks: each is one entry in one list, and asks one kind of thing of a target."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab.check import check_database
from lab.environment import check_environment, read_env_file
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
        families: Only these, when given.
        also: These besides those, or besides the ones that are always asked.
        layers: Only what these layers need, when given.
        env_file: The site's environment, when it is not this process's own.
        environ: This process's environment.
    """

    url: str = field(repr=False)
    target: str
    families: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
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
        title: What holds when it finds nothing, as a sentence.
        answer: Asks it; may raise DatabaseUnavailable when the target can't be reached.
        always: Whether it is asked without being named.
        offline: Whether it needs no database.
        flag: The command line's own option for it, such as `--probe`; without one, only `--family` names it.
    """

    id: str
    title: str
    answer: Callable[[Question], Answer]
    always: bool = False
    offline: bool = False
    flag: str = ""

    @property
    def how_to_ask(self) -> str:
        """Say how it is asked."""
        return f"Ask it with {f'{self.flag} or ' if self.flag else ''}--family {self.id}."

    def is_asked(self, question: Question) -> bool:
        """Tell whether a question asks it."""
        named = self.id in question.families if question.families else self.always
        return named or self.id in question.also


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


def _ask_environment(question: Question) -> Answer:
    """Check the variables of the site's server: a file's, or this process's own."""
    values = read_env_file(question.env_file) if question.env_file else question.environ
    needed = {line.name for plan in question.plans() for line in plan.env}
    variables = [variable for variable in RULES.env if not needed or variable.id in needed]
    outcome = check_environment(values, variables)
    return Answer(
        family=environment.id,
        title=environment.title,
        checked=tuple(variable.id for variable in variables),
        findings=outcome.findings,
        unknown=outcome.unknowns,
    )


wall = Family(
    id="wall",
    title="Tables, constraints, triggers, policies and grants are as the rules make them.",
    answer=_ask_wall,
    always=True,
)
environment = Family(
    id="environment",
    title="The variables of the site's server are set, fit each other and show no secret.",
    answer=_ask_environment,
    offline=True,
)

FAMILIES = (wall, environment)
