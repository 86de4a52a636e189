"""Reports triggers, rules and lost privileges that prevent the deletion of an account."""

from itertools import pairwise

from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs.objects import last
from lab.checks.schema.severity import HIGH, INFO
from lab.rules.model import Severity
from lab.sql.tokens import take_apart

_QUIET = {"debug", "log", "info", "notice", "warning"}  # levels of RAISE that stop nothing
_READ = {"plpgsql"}
_RUN = {"call", "execute", "perform"}


def _grade_guard(change: Change) -> Severity:
    """Grade a trigger by whether its function can prevent a deletion; a rule or a lost right always does."""
    facts = change.facts
    return HIGH if facts["form"] != "trigger" or _refuses(facts) else INFO


def _refuses(facts: Facts) -> bool:
    """Tell whether a function can raise an error or skip the row."""
    if facts["language"] not in _READ:
        return bool(facts["may_skip"])
    pairs = {(one.text, other.text) for one, other in pairwise(take_apart(facts["body"]))}
    raises = any(one == "raise" and other not in _QUIET for one, other in pairs) or any(
        one == "assert" for one, _ in pairs
    )
    keeps = ("return", "old") in pairs or ("return", "coalesce") in pairs
    return raises or (facts["may_skip"] and (("return", "null") in pairs or not keeps))


def _say_why(change: Change) -> str:
    """Say what a refused deletion means, and which part of a trigger's function was not judged."""
    facts = change.facts
    why = "An erasure deletes the account last. If that deletion is refused or skipped, the person's data stays."
    if facts["form"] != "trigger" or _refuses(facts):
        return why
    if facts["language"] not in _READ:
        return f"{why} The function is written in {facts['language']}: whether it refuses the deletion is unknown."
    if any(token.text in _RUN for token in take_apart(facts["body"])):
        return f"{why} The function runs other functions or SQL of its own making: whether these refuse the deletion is unknown."
    return why


_SAY = {
    "rule": "a rewrite rule replaces the statement",
    "forced": "row-level security applies to the table's owner",
    "revoked": "the table's owner may not delete its rows",
}


def _say_guard(facts: Facts) -> str:
    return _SAY.get(facts["form"]) or f"a trigger on deletion calls {facts['function']}"


def _write_decision(change: Change) -> str:
    """Return the SQL that the owner or the platform's support must run."""
    facts, relation = change.facts, change.facts["relation"]
    ways = {
        "forced": f"alter table {relation} no force row level security;",
        "revoked": f"grant delete on {relation} to the role that owns it;",
    }
    way = ways.get(facts["form"]) or f"drop {facts['form']} {last(change.name)} on {relation};"
    return f"Decide whether it is needed. If not, its owner or the platform's support must run: {way}"


KIND = Kind(
    name="account_guard",
    plural="guards of the accounts",
    label="guard",
    title="Accounts may not be deletable",
    means=(
        "A trigger, a rewrite rule or a lost right can refuse the deletion of an account. An erasure deletes "
        "the account last, so the person's data would stay."
    ),
    example=(
        "create function public.keep_account() returns trigger language plpgsql as $$ begin return null; end "
        "$$;\n"
        "create trigger keep_account before delete on auth.users for each row execute function "
        "public.keep_account();"
    ),
    accept="When you have read the function and it lets every deletion of an account pass.",
    query=read_query("account_guard"),
    say=_say_guard,
    family="access",
    stage=50,
    missing=None,
    extra=Aspect(
        severity=_grade_guard,
        title=lambda change: f"Accounts in {change.facts['relation']} may not be deletable",
        why=_say_why,
        decide=_write_decision,
    ),
    anywhere=True,
)
