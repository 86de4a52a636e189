"""The explanation of every kind of finding, made from the declaration of the kind."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache

from lab.checks.data.questions import read_question, read_repair
from lab.checks.explanation import Explanation
from lab.checks.probes.report import EXPLANATION as PROBE
from lab.checks.schema.aspects import FOLLOWS
from lab.checks.schema.every_kind import KINDS
from lab.checks.schema.kind import Aspect, Kind
from lab.checks.schema.reference_rows import EXPLANATION as WORDING
from lab.rules import RULES
from lab.rules.criteria.anchor import CRITERIA as ANCHOR
from lab.rules.criteria.environment import CRITERIA as ENVIRONMENT
from lab.rules.criteria.operations import CRITERIA as OPERATIONS
from lab.rules.criteria.stripe import CRITERIA as STRIPE
from lab.rules.model import Criterion, Invariant, Severity

FOLDER = "docs/findings"
ORPHANS = "orphans"  # the page that the orphans of all tables share
_CRITERIA = {"environment": ENVIRONMENT, "anchors": ANCHOR, "operations": OPERATIONS, "stripe": STRIPE}
_DEPENDS = "by what is exposed"
_REPAIR = "Each finding has its SQL. The repair script of a check has all of them in a working order."
_PERSON = "No SQL repairs it. The finding says what a person must decide or ask for."


@lru_cache(maxsize=1)
def list_explanations() -> dict[str, Explanation]:
    """Return the explanation of each kind of finding, by the kind's name."""
    criteria = {one.id: _of_criterion(one, family) for family, every in _CRITERIA.items() for one in every}
    rows = {one.id: _of_invariant(one) for one in RULES.invariants}
    return {kind.name: _of_kind(kind) for kind in KINDS} | {"wording": WORDING, "probe": PROBE} | criteria | rows


def explain(kind: str) -> Explanation | None:
    """Return the explanation of a finding's kind; None when the rules no longer have it."""
    return list_explanations().get(kind)


def find_page(kind: str) -> str:
    """Return the path of a kind's page from the project's folder; the list of all pages for an unknown kind."""
    found = explain(kind)
    return f"{FOLDER}/{found.id}.md" if found else f"{FOLDER}/README.md"


def find_docs(environ: Mapping[str, str]) -> str:
    """Return the address of the project's files, below which the pages are; empty when it is unknown.

    Args:
        environ: `LAB_DOCS_URL` names it; in a workflow of GitHub, GitHub's own variables do.
    """
    named = environ.get("LAB_DOCS_URL", "").strip().rstrip("/")
    server, repository, commit = (environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "SHA"))
    found = named or (f"{server}/{repository}/blob/{commit}" if server and repository and commit else "")
    return found if found.startswith("https://") else ""


def _of_kind(kind: Kind) -> Explanation:
    repairs = any(aspect.repair is not Aspect.repair for _, aspect in _list_aspects(kind))
    return Explanation(
        id=kind.name,
        title=kind.title,
        family=kind.family,
        means=kind.means,
        example=kind.example,
        is_sql=True,
        repair=_REPAIR if repairs else _PERSON,
        accept=kind.accept,
        differences=tuple(_list_differences(kind)),
    )


def _list_aspects(kind: Kind) -> Iterator[tuple[str, Aspect]]:
    yield from [("missing", kind.missing)] if kind.missing else []
    yield from [("undeclared", kind.extra)] if kind.extra else []
    yield from kind.aspects.items()


def _list_differences(kind: Kind) -> Iterator[tuple[str, str, str]]:
    """Yield what can differ and is always explained alike."""
    for name, aspect in _list_aspects(kind):
        if isinstance(aspect.why, str) and aspect is not FOLLOWS:
            severity = aspect.severity.value if isinstance(aspect.severity, Severity) else _DEPENDS
            yield name.replace("_", " "), severity, aspect.why.format_map(_Names(str))


class _Names(defaultdict[str, str]):
    """Writes the name of a fact where an explanation has its value."""

    def __missing__(self, key: str) -> str:
        return f"`{key}`"


def _of_criterion(criterion: Criterion, family: str) -> Explanation:
    return Explanation(
        id=criterion.id,
        title=criterion.title,
        family=family,
        means=criterion.why,
        example=criterion.example,
        repair=criterion.decide or _PERSON,
        accept=criterion.accept,
        severity=criterion.severity,
    )


def _of_invariant(invariant: Invariant) -> Explanation:
    shared = invariant.derived == ORPHANS
    return Explanation(
        id=ORPHANS if shared else invariant.id,
        title="Every reference of a table points at an existing row." if shared else invariant.title,
        family="data",
        means=invariant.why,
        query=read_question(invariant),
        repair=invariant.decide or "The finding has the SQL. It changes only the rows that break the rule.",
        repair_sql=read_repair(invariant) or "",
        accept=invariant.accept,
        severity=invariant.severity,
    )
