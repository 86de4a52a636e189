"""The families of checks: each is one entry in one list, and asks one kind of thing of a target."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from lab.anchor import AnchorState
from lab.checks.criterion import Outcome, gather, make_finding
from lab.checks.data.check import RECENT, check_invariants
from lab.checks.environment.check import check_environment
from lab.checks.finding import Finding, Unknown
from lab.checks.operations import check as operations
from lab.checks.probes import probe_database
from lab.checks.schema.catalogue import FAMILIES as CATALOGUE
from lab.checks.schema.kinds import KINDS
from lab.database.connect import connect, find_project
from lab.readiness.report import Answer
from lab.readiness.request import Question
from lab.readiness.targets import EMBEDDED
from lab.rules import RULES
from lab.rules.anchoring import LEDGERS
from lab.rules.criteria.anchor import ANCHORED, ELSEWHERE
from lab.rules.env import site_url, stripe_secret_key
from lab.rules.model import Criterion, Table


@dataclass(frozen=True, kw_only=True)
class Family:
    """One family of checks.

    Args:
        id: Its name, as `--family` takes it.
        title: What holds when it finds nothing, as a sentence.
        answer: Asks it; may raise DatabaseUnavailable when the target can't be reached.
        always: Whether it is asked without being named.
        offline: Whether it needs no database.
        of_site: Whether it looks at the site itself, its environment or its Stripe account, whatever the target.
        flag: The command line's own option for it, such as `--stripe`; without one, only `--family` names it.
        takes: What the option takes; a command declares such an option by itself.
        given: Tells whether what it needs was named beforehand; it is then asked, unless other families are named.
    """

    id: str
    title: str
    answer: Callable[[Question], Answer]
    always: bool = False
    offline: bool = False
    of_site: bool = False
    flag: str = ""
    takes: str = ""
    given: Callable[[Question], bool] = lambda question: False

    @property
    def how_to_ask(self) -> str:
        """Say how it is asked."""
        option = f"{self.flag} {self.takes}".strip()
        return f"Ask it with {option + ' or ' if option else ''}--family {self.id}."

    def is_asked(self, question: Question) -> bool:
        """Tell whether a question asks it."""
        named = self.id in question.families if question.families else self.always or self.given(question)
        return named or self.id in question.also


WALK_SECONDS, ALL_ROWS_SECONDS = 10, 3600  # for each invariant; every one of millions of seals takes minutes
_FAMILY_OF = {kind.name: kind.family for kind in KINDS}


def _ask_catalogue(part: str, question: Question) -> Answer:
    """Take one family's share of what one look at the catalogue found; the first tells what it says of the whole."""
    asked = [name for name in CATALOGUE if not question.families or name in (*question.families, *question.also)]
    seen, leads = question.wall, part == asked[0]
    unknown = tuple(u for u in seen.unknown if u.family == part or not u.family)
    unread = any(entry.what == "the catalogue" for entry in unknown)
    areas = ("exposed schemas",) if part == "strangers" else question.tables()
    return Answer(
        checked=() if unread else areas,
        findings=tuple(f for f in seen.findings if _FAMILY_OF[f.key.split(":")[0]] == part and question.concerns(f)),
        unknown=unknown,
        notes=("This is a standby: run repairs on its primary.",) if leads and seen.replica else (),
        headline=_find_headline(seen.findings, question.target),
        server_version=seen.server_version,
        round_trips=seen.round_trips if leads else 0,
    )


def _find_headline(findings: tuple[Finding, ...], target: str) -> str:
    """Return what is to be said before all findings on a database that nobody, it seems, has built the wall in."""
    here, ours = _count_tables(findings), len(RULES.tables)
    if here >= ours / 2:
        return ""
    if here:
        be = "is" if here == 1 else "are"
        return (
            f"Only {here} of the wall's {ours} tables {be} here, by name: {target} may be another product's "
            "database. Make sure of that first; repairs would change tables that are not the wall's."
        )
    if target == EMBEDDED:
        return "None of the wall's tables is here: nobody has built the wall yet. `python -m lab demo` does."
    return (
        f"None of the wall's tables is here: {target} may be another product's database. Name the right one, or "
        "build the wall in this one with `python -m lab migrate --database-url URL --apply`."
    )


def _count_tables(findings: tuple[Finding, ...]) -> int:
    """Return how many of the wall's tables are there, by their names."""
    missing = {f.subject for f in findings if f.key.startswith("table:") and f.key.endswith(":missing")}
    return sum(table.qualified not in missing for table in RULES.tables)


def _ask_probes(question: Question) -> Answer:
    """Try the wall as everybody, inside one transaction that is rolled back."""
    seen = probe_database(question.url)
    tried = tuple(dict.fromkeys(result.subject for result in seen.results if result.state != "unknown"))
    findings = tuple(filter(question.concerns, seen.findings))
    return Answer(checked=tried, findings=findings, unknown=seen.unknown, notes=seen.notes)


def _ask_environment(question: Question) -> Answer:
    """Check the variables of the site's server."""
    variables = question.variables()
    project = find_project(question.url) if question.url else None
    outcome = check_environment(question.environ, variables, project=project)
    return Answer(
        checked=tuple(variable.id for variable in variables), findings=outcome.findings, unknown=outcome.unknowns
    )


def _ask_data(question: Question) -> Answer:
    """Count what breaks an invariant of the live data."""
    tables = question.tables()
    asked = [invariant for invariant in RULES.invariants if invariant.table.qualified in tables]
    recent, seconds = (None, ALL_ROWS_SECONDS) if question.all_rows else (RECENT, WALK_SECONDS)
    with connect(question.url, read_only=True, statement_timeout_seconds=seconds) as connection:
        outcome = check_invariants(connection, asked, recent=recent, seconds=seconds)
    findings = tuple(_withhold(finding, question) for finding in outcome.findings)
    return _answer(Outcome(findings, outcome.unknowns), asked, len(asked))


def _withhold(finding: Finding, question: Question) -> Finding:
    """Take a repair back that would send or give something, unless the ledgers fit their anchors in this very check."""
    ours = next((invariant for invariant in RULES.invariants if invariant.id == finding.rule), None)
    if ours is None or not ours.rests_on_ledger or all(state.fits for state in question.anchored.values()):
        return finding
    told = f"Its repair would send or give something, and rests on the ledgers. {_say_why_withheld(question.anchored)}"
    return finding.model_copy(update={"repair": None, "decide": told})


def _say_why_withheld(anchored: Mapping[str, AnchorState]) -> str:
    broken = [f"public.{ledger}" for ledger, state in anchored.items() if state.fits is False]
    if broken:
        verb = "does not fit its" if len(broken) == 1 else "do not fit their"
        return f"{' and '.join(broken)} {verb} anchors. Put the entries back from a backup that fits first."
    why = next(state for state in anchored.values() if not state.fits)
    return f"It is not known whether they fit their anchors: {why.seen}. Run this check with --anchor FILE first."


def _ask_anchors(question: Question) -> Answer:
    """Compare the ledgers with their anchors outside the database."""
    outcome = gather([part for ledger in LEDGERS for part in _judge_anchor(ledger, question.anchored[ledger.id])])
    notes = [_say_counted(ledger, question.anchored[ledger.id].counted) for ledger in LEDGERS]
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


def _ask_operations(question: Question) -> Answer:
    """Look at the running of the server."""
    with connect(question.url, read_only=True) as connection:
        outcome = operations.check_operations(connection)
    return _answer(outcome, operations.CRITERIA, len(operations.INSPECTIONS))


def _ask_stripe(question: Question) -> Answer:
    """Compare the Stripe account with the database; its key comes from the site's environment."""
    from lab.checks.stripe import check as stripe_account  # slow to import, as its client is: only this family needs it

    values = question.environ
    with connect(question.url, read_only=True) as connection:
        outcome = stripe_account.check_stripe_account(
            values.get(stripe_secret_key.id, ""),
            links=stripe_account.read_purchase_links(connection),
            records=stripe_account.DatabaseRecords(connection),
            site_url=values.get(site_url.id) or None,
        )
    return _answer(outcome, stripe_account.CRITERIA, len(stripe_account.QUESTIONS))


def _answer(outcome: Outcome, criteria: Iterable[Criterion], questions: int) -> Answer:
    """Return an outcome as an answer; beside unknowns, no criterion is said to have been checked but those broken."""
    broken = tuple(dict.fromkeys(finding.rule for finding in outcome.findings))
    partly = broken or (("what could be checked",) if len(outcome.unknowns) < questions else ())
    checked = partly if outcome.unknowns else tuple(criterion.id for criterion in criteria)
    return Answer(checked=checked, findings=outcome.findings, unknown=outcome.unknowns)


# What is always asked can be told of every target in seconds, and does not depend on what it holds just now.
FAMILIES = (
    Family(
        id="schema",
        title="Tables, columns, constraints, indexes, triggers, functions and views are as the rules make them.",
        answer=partial(_ask_catalogue, "schema"),
        always=True,
    ),
    Family(
        id="access",
        title="Row-level security, policies, privileges and roles are as the rules make them.",
        answer=partial(_ask_catalogue, "access"),
        always=True,
    ),
    Family(
        id="strangers",
        title="Nothing that nobody declared stands where it can be reached, and nothing private is streamed out.",
        answer=partial(_ask_catalogue, "strangers"),
        always=True,
    ),
    Family(
        id="probes",
        title="Tried as each role, everybody gets what the rules give, and nothing besides.",
        answer=_ask_probes,
        flag="--probe",
    ),
    Family(
        id="environment",
        title="The variables of the site's server are set, fit each other and show no secret.",
        answer=_ask_environment,
        offline=True,
        of_site=True,
        flag="--env-file",
        takes="FILE",
    ),
    Family(
        id="data",
        title="Live rows agree with each other: what is paid is unlocked, what is sent was allowed.",
        answer=_ask_data,
        flag="--data",
    ),
    Family(
        id="anchors",
        title="Both ledgers fit their anchors outside the database: nobody changed, cut or added an entry.",
        answer=_ask_anchors,
        flag="--anchor",
        takes="FILE",
        given=lambda question: question.anchors is not None,
    ),
    Family(
        id="operations",
        title="The server runs as it must: durable, encrypted, archived, with room left and a queue that moves.",
        answer=_ask_operations,
        flag="--operations",
    ),
    Family(
        id="stripe",
        title="The Stripe account and the database say the same of prices, payments and refunds.",
        answer=_ask_stripe,
        of_site=True,
        flag="--stripe",
    ),
)

OF_SITE = frozenset(family.id for family in FAMILIES if family.of_site)
