"""The families of checks: each is one entry in one list."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from lab.checks.criterion import Outcome, gather, make_finding
from lab.checks.data.check import RECENT, check_invariants
from lab.checks.environment.check import check_environment
from lab.checks.finding import Finding, Unknown
from lab.checks.operations import check as operations
from lab.checks.schema.kind import FAMILIES as CATALOGUE
from lab.database.connect import connect, find_project
from lab.readiness.reads import Reads
from lab.readiness.report import Answer
from lab.readiness.request import Request
from lab.readiness.targets import EMBEDDED
from lab.rules import RULES
from lab.rules.anchoring import LEDGERS
from lab.rules.criteria.anchor import ANCHORED, ELSEWHERE
from lab.rules.env import site_url, stripe_secret_key
from lab.rules.model import Criterion, Table
from lab.services.anchor import AnchorState


@dataclass(frozen=True, kw_only=True)
class Family:
    """One family of checks.

    Args:
        id: Its name, as `--family` takes it.
        title: What holds when it finds nothing, as a sentence.
        answer: Runs it; may raise DatabaseUnavailable when the target can't be reached.
        always: Whether it runs by default.
        offline: Whether it needs no database.
        of_site: Whether it checks the site itself, its environment or its Stripe account, whatever the target is.
        flag: The command line's own option for it, such as `--stripe`; without one, only `--family` names it.
        takes: The value that the option takes; a command declares such an option itself.
        given: Tells whether the request names what it needs; it then runs, unless other families are named.
    """

    id: str
    title: str
    answer: Callable[[Reads], Answer]
    always: bool = False
    offline: bool = False
    of_site: bool = False
    flag: str = ""
    takes: str = ""
    given: Callable[[Request], bool] = lambda request: False

    @property
    def how_to_run(self) -> str:
        """Say how it is run."""
        option = f"{self.flag} {self.takes}".strip()
        return f"Run it with {option + ' or ' if option else ''}--family {self.id}."

    def is_run(self, request: Request) -> bool:
        """Tell whether a request runs it."""
        named = self.id in request.families if request.families else self.always or self.given(request)
        return named or self.id in request.also


WALK_SECONDS, ALL_ROWS_SECONDS = 10, 3600  # for each invariant; every one of millions of seals takes minutes


def _run_catalogue(part: str, reads: Reads) -> Answer:
    """Return one family's part of the comparison; the first family also has the notes on the comparison as a whole."""
    request, seen = reads.request, reads.compare_schema()
    leads = part == next(name for name in CATALOGUE if not request.families or name in request.families + request.also)
    unknown = tuple(u for u in seen.unknown if u.family == part or not u.family)
    unread = any(entry.what == "the catalogue" for entry in unknown)
    areas = ("exposed schemas",) if part == "strangers" else request.tables()
    return Answer(
        checked=() if unread else areas,
        findings=tuple(f for f in seen.findings if f.family == part and request.concerns(f)),
        unknown=unknown,
        notes=("This is a standby: run repairs on its primary.",) if leads and seen.replica else (),
        headline=_find_headline(seen.findings, request.target),
        server_version=seen.server_version,
        round_trips=seen.round_trips if leads else 0,
    )


def _find_headline(findings: tuple[Finding, ...], target: str) -> str:
    """Return a note that comes before all findings, for a database in which most of the tables are missing."""
    here, ours = _count_tables(findings), len(RULES.tables)
    if here >= ours / 2:
        return ""
    if here:
        be = "is" if here == 1 else "are"
        return (
            f"Only {here} of the {ours} tables {be} here, by name: {target} may be another product's "
            "database. Check that first: repairs would change tables of that product."
        )
    if target == EMBEDDED:
        return "None of the tables is here yet. Create them with `python -m lab demo`."
    return (
        f"None of the tables is here: {target} may be another product's database. Name the right one, or "
        "create the tables with `python -m lab migrate --database-url URL --apply`."
    )


def _count_tables(findings: tuple[Finding, ...]) -> int:
    """Return how many of the declared tables exist, by their names."""
    missing = {f.subject for f in findings if (f.kind, f.aspect) == ("table", "missing")}
    return sum(table.qualified not in missing for table in RULES.tables)


def _run_probes(reads: Reads) -> Answer:
    """Return what the probes saw that concerns the request's layers."""
    seen = reads.run_probes()
    tried = tuple(dict.fromkeys(result.subject for result in seen.results if result.state != "unknown"))
    findings = tuple(filter(reads.request.concerns, seen.findings))
    return Answer(checked=tried, findings=findings, unknown=seen.unknown, notes=seen.notes)


def _run_environment(reads: Reads) -> Answer:
    """Check the variables of the site's server."""
    variables = reads.request.variables()
    project = find_project(reads.request.url) if reads.request.url else None
    outcome = check_environment(reads.request.environ, variables, project=project)
    return Answer(
        checked=tuple(variable.id for variable in variables), findings=outcome.findings, unknown=outcome.unknowns
    )


def _run_data(reads: Reads) -> Answer:
    """Count the live rows that break an invariant."""
    tables = reads.request.tables()
    asked = [invariant for invariant in RULES.invariants if invariant.table.qualified in tables]
    recent, seconds = (None, ALL_ROWS_SECONDS) if reads.request.all_rows else (RECENT, WALK_SECONDS)
    with connect(reads.request.url, read_only=True, statement_timeout_seconds=seconds) as connection:
        outcome = check_invariants(connection, asked, recent=recent, seconds=seconds)
    findings = tuple(withhold(finding, reads) for finding in outcome.findings)
    return _answer(Outcome(findings, outcome.unknowns), asked, len(asked))


def withhold(finding: Finding, reads: Reads) -> Finding:
    """Remove a repair that would send or give something, unless the ledgers fit their anchors in the same check."""
    ours = next((invariant for invariant in RULES.invariants if invariant.id == finding.rule), None)
    if ours is None or not ours.rests_on_ledger or all(state.fits for state in reads.verify_anchors().values()):
        return finding
    why = _say_why_withheld(reads.verify_anchors())
    told = f"Its repair would send or give something, so the ledgers must fit their anchors first. {why}"
    return finding.model_copy(update={"repair": None, "decide": told})


def _say_why_withheld(anchored: Mapping[str, AnchorState]) -> str:
    broken = [f"public.{ledger}" for ledger, state in anchored.items() if state.fits is False]
    if broken:
        verb = "does not fit its" if len(broken) == 1 else "do not fit their"
        return f"{' and '.join(broken)} {verb} anchors. Put the entries back from a backup that fits first."
    why = next(state for state in anchored.values() if not state.fits)
    return f"It is unknown whether they fit their anchors: {why.seen}. Run this check with --anchor FILE first."


def _run_anchors(reads: Reads) -> Answer:
    """Compare the ledgers with their anchors outside the database."""
    outcome = gather([part for ledger in LEDGERS for part in _judge_anchor(ledger, reads.verify_anchors()[ledger.id])])
    notes = [_say_counted(ledger, reads.verify_anchors()[ledger.id].counted) for ledger in LEDGERS]
    return _answer(outcome, ANCHORED.values(), len(LEDGERS))._replace(notes=tuple(filter(None, notes)))


def _say_counted(ledger: Table, counted: int) -> str:
    if not counted:
        return ""
    return f"{counted:,} older entries of {ledger.qualified} were only counted, not read. --all-rows reads every entry."


def _judge_anchor(ledger: Table, state: AnchorState) -> Iterator[Finding | Unknown]:
    if state.elsewhere:
        yield make_finding(ELSEWHERE[ledger.id], ledger.qualified, state.seen).model_copy(update={"final": True})
    elif state.fits is None:
        yield Unknown(what=f"{ANCHORED[ledger.id].title[:-1]}.", why=state.why)
    elif not state.fits:
        yield make_finding(ANCHORED[ledger.id], ledger.qualified, state.seen).model_copy(update={"final": True})


def _run_operations(reads: Reads) -> Answer:
    """Check how the server is operated."""
    with connect(reads.request.url, read_only=True) as connection:
        outcome = operations.check_operations(connection)
    return _answer(outcome, operations.CRITERIA, len(operations.INSPECTIONS))


def _run_stripe(reads: Reads) -> Answer:
    """Compare the Stripe account with the database; its key comes from the site's environment."""
    from lab.checks.stripe import check as stripe_account  # slow to import, and only this family needs it

    values = reads.request.environ
    with connect(reads.request.url, read_only=True) as connection:
        outcome = stripe_account.check_stripe_account(
            values.get(stripe_secret_key.id, ""),
            links=stripe_account.read_purchase_links(connection),
            records=stripe_account.DatabaseRecords(connection),
            site_url=values.get(site_url.id) or None,
        )
    return _answer(outcome, stripe_account.CRITERIA, len(stripe_account.INSPECTIONS))


def _answer(outcome: Outcome, criteria: Iterable[Criterion], inspections: int) -> Answer:
    """Return an outcome as an answer; if anything is unknown, only the broken criteria count as checked."""
    broken = tuple(dict.fromkeys(finding.rule for finding in outcome.findings))
    partly = broken or (("what could be checked",) if len(outcome.unknowns) < inspections else ())
    checked = partly if outcome.unknowns else tuple(criterion.id for criterion in criteria)
    return Answer(checked=checked, findings=outcome.findings, unknown=outcome.unknowns)


# A family that always runs takes seconds on every target, and does not depend on its rows.
FAMILIES = (
    Family(
        id="schema",
        title="Tables, columns, constraints, indexes, triggers, functions and views match the rules.",
        answer=partial(_run_catalogue, "schema"),
        always=True,
    ),
    Family(
        id="access",
        title="Row-level security, policies, privileges and roles match the rules.",
        answer=partial(_run_catalogue, "access"),
        always=True,
    ),
    Family(
        id="strangers",
        title="No undeclared object is reachable, and no private table is published.",
        answer=partial(_run_catalogue, "strangers"),
        always=True,
    ),
    Family(
        id="probes",
        title="Each role can do what the rules allow, and nothing else: every command is tried.",
        answer=_run_probes,
        flag="--probe",
    ),
    Family(
        id="environment",
        title="The site's environment variables are set, consistent, and expose no secret.",
        answer=_run_environment,
        offline=True,
        of_site=True,
        flag="--env-file",
        takes="FILE",
    ),
    Family(
        id="data",
        title="Live rows are consistent: paid readings are unlocked, and every sent message had consent.",
        answer=_run_data,
        flag="--data",
    ),
    Family(
        id="anchors",
        title="Both ledgers fit their anchors outside the database: no entry was changed, removed or added.",
        answer=_run_anchors,
        flag="--anchor",
        takes="FILE",
        given=lambda request: request.anchors is not None,
    ),
    Family(
        id="operations",
        title="The server is durable, encrypted and archived, has room left, and its queue moves.",
        answer=_run_operations,
        flag="--operations",
    ),
    Family(
        id="stripe",
        title="Prices, payments and refunds agree between the Stripe account and the database.",
        answer=_run_stripe,
        of_site=True,
        flag="--stripe",
    ),
)

OF_SITE = frozenset(family.id for family in FAMILIES if family.of_site)
