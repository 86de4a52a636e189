"""How policies, privileges, roles, publications and strangers are compared: one entry for each kind."""

from lab import grants, repairs
from lab.compare import Aspect, Change, Kind
from lab.exposure import (
    CRITICAL,
    HIGH,
    INFO,
    LOW,
    MEDIUM,
    STRANGERS,
    WATCHED,
    grade_access,
    grade_gate,
    is_platform,
    is_private,
)
from lab.rules.model import Severity
from lab.schema_kinds import COMMENT, FOLLOWS, _forms

MEMBERS_OF_POWER = {"postgres", "service_role", "supabase_admin", "pg_read_all_data", "pg_write_all_data"}
# Settings of a role or database that open a door: what a policy, a name or a write means depends on them.
DOORS = ("row_security", "session_replication_role", "search_path", "role", "request.", "pgrst.", "lab.", "storage.")


def _grade_gate(change: Change) -> Severity:
    return grade_gate(change.relation)


def _grade_new_policy(change: Change) -> Severity:
    """A restrictive policy that nobody declared only takes away."""
    return _grade_gate(change) if change.facts.get("permissive") else LOW


POLICY = {
    "comment": COMMENT,
    "relation": FOLLOWS,
    "command": Aspect(
        severity=_grade_gate, why="The policy is for another command than the rules say.", repair=repairs.remake_policy
    ),
    "permissive": Aspect(
        severity=HIGH,
        why="A permissive policy adds rows, a restrictive one takes them away; it is the other kind here.",
        repair=repairs.remake_policy,
    ),
    "roles": Aspect(
        severity=_grade_gate, why="The policy is for other roles than the rules say.", repair=repairs.remake_policy
    ),
    "using": Aspect(
        severity=_grade_gate,
        why="The policy lets other rows be seen or changed than the rules do.",
        repair=repairs.remake_policy,
        forms=_forms("policy", "using"),
    ),
    "with_check": Aspect(
        severity=_grade_gate,
        why="The policy lets other rows be written than the rules do.",
        repair=repairs.remake_policy,
        forms=_forms("policy", "with_check"),
    ),
}


def _privilege_subject(change: Change) -> str:
    """Name the thing that a privilege is on."""
    facts = change.facts
    places = {"database": "the database", "schema": f"schema {facts['object']}", "parameter": f"parameter {facts['object']}"}
    return str(places.get(facts["place"], facts["object"]))


def _is_above(change: Change, role: str) -> bool:
    """Tell whether a role is above every privilege anyway, or is the thing's own owner."""
    facts = change.target.of("role").get(role, {})
    return bool(facts.get("superuser"))


def _grade_extra_privilege(change: Change) -> Severity | None:
    """Grade a privilege that the rules do not give, by what it is on and who gains by it."""
    facts = change.facts
    grantee, place, name = facts["grantee"], facts["place"], facts["object"]
    if _is_above(change, grantee) or _is_stranger(change):
        return None
    if place in ("table", "column"):
        return grade_access(name, grantee, facts["privilege"])
    if place == "function":
        definer = change.target.of("function").get(name, {}).get("definer")
        return HIGH if definer and grantee in STRANGERS | {"authenticated"} else MEDIUM
    if place in ("database", "schema") and is_platform(grantee):
        return INFO
    creates = facts["privilege"] in ("CREATE", "SET", "ALTER SYSTEM")
    return HIGH if creates and grantee in STRANGERS | WATCHED else MEDIUM


def _is_stranger(change: Change) -> bool:
    """Tell whether the thing itself is undeclared: then it is one finding, with all its grants."""
    kinds = {"table": ("table", "view"), "function": ("function",), "sequence": ("sequence",)}
    names = kinds.get(change.facts["place"], ())
    return bool(names) and not any(change.facts["object"] in change.rules.of(kind) for kind in names)


def _grade_missing_privilege(change: Change) -> Severity | None:
    """Grade a privilege that is not there: somebody is refused what the rules give them."""
    facts = change.facts
    kinds = {"function": "function", "sequence": "sequence", "schema": "schema", "column": "column"}
    if (kind := kinds.get(facts["place"])) and facts["object"] not in change.target.of(kind):
        return None  # the thing itself is gone, and its own repair grants again
    if facts["place"] == "parameter" or is_platform(facts["grantee"]):
        return INFO
    if facts["place"] == "database" and facts["grantee"] in STRANGERS | {"postgres"}:
        return INFO
    owner = next((change.target.of(k)[facts["object"]]["owner"] for k in ("table", "view", "function", "sequence", "schema")
                  if facts["object"] in change.target.of(k)), None)
    wanted = next((change.rules.of(k)[facts["object"]]["owner"] for k in ("table", "view", "function", "sequence", "schema")
                   if facts["object"] in change.rules.of(k)), None)
    return None if owner != wanted and facts["grantee"] == wanted else MEDIUM


PRIVILEGE = {
    **dict.fromkeys(("place", "object", "grantee", "privilege"), FOLLOWS),
    "grantable": Aspect(
        severity=HIGH,
        why="{grantee} may pass {privilege} on to anybody.",
        repair=grants.set_option,
    ),
}


def _grade_default(change: Change) -> Severity | None:
    """Grade what will be granted on things not yet made; the platform's own can't be changed by us."""
    facts = change.facts
    if is_platform(facts["owner"]):
        return None
    if is_platform(facts["grantee"]) or facts["grantee"] == "postgres":
        return INFO
    return HIGH if facts["grantee"] in STRANGERS | {"authenticated"} else MEDIUM


def _grade_role(change: Change) -> Severity:
    """Grade a role that stands above row-level security and that the rules do not know."""
    if is_platform(change.name) or not (change.facts["superuser"] or change.facts["bypassrls"]):
        return INFO
    return HIGH if change.facts["superuser"] else MEDIUM


def _grade_attribute(change: Change) -> Severity:
    """Grade an attribute: power gained by a role that the wall is built against is a side door."""
    if change.name not in WATCHED:
        return INFO if is_platform(change.name) or change.name == "postgres" else MEDIUM
    if not change.found[change.aspect]:
        return MEDIUM if change.aspect in ("bypassrls", "login") else INFO
    return CRITICAL if change.aspect in ("superuser", "bypassrls") else HIGH


def _grade_membership(change: Change) -> Severity:
    """Grade a membership that the rules do not know."""
    member, role = change.facts["member"], change.facts["role"]
    if is_platform(member) or member == "postgres":
        return INFO
    if member in STRANGERS | {"authenticated"}:
        return CRITICAL
    return HIGH if role in MEMBERS_OF_POWER or member in WATCHED else MEDIUM


def _grade_option(change: Change) -> Severity:
    """Grade an option of a membership."""
    if is_platform(change.facts["member"]) or change.facts["member"] == "postgres":
        return INFO
    return HIGH if change.found[change.aspect] else MEDIUM


def _grade_setting(change: Change) -> Severity:
    """Grade a setting: one that opens a door, or a limit that was taken away."""
    facts = change.facts
    name, role = facts["name"], facts["role"]
    if name.startswith(DOORS):
        return INFO if role == "postgres" and name == "search_path" else HIGH
    endless = change.live is None or change.found.get("value") in ("0", "0ms", "0s")
    return LOW if name.endswith("_timeout") and endless and change.expected else INFO


ROLE_WORDS = ("superuser", "bypassrls", "login", "inherit", "createrole", "createdb", "replication")


def _grade_publication(change: Change) -> Severity:
    """Grade a publication by what it streams."""
    facts = change.facts
    if not facts["streams"]:
        return INFO
    whole = facts["through"] != "table"
    return HIGH if whole or is_private(facts["relation"]) else MEDIUM


def _publication_subject(change: Change) -> str:
    facts = change.facts
    return str(facts["relation"]) if facts["through"] == "table" else f"publication {facts['publication']}"


def _grade_extension(change: Change) -> Severity:
    """Grade an extension: what it brings is callable by everybody, and served when its schema is."""
    return LOW if change.facts["schema"] == "public" else INFO


def _move_extension(change: Change) -> str | None:
    if not change.facts["relocatable"]:
        return None
    return f"create schema if not exists extensions;\nalter extension {change.name} set schema extensions;"


def _grade_event_trigger(change: Change) -> Severity:
    usual = is_platform(change.facts["owner"]) or change.facts["enabled"] == "D"
    return INFO if usual else LOW


def _grade_stranger(change: Change) -> Severity:
    """Grade a relation that nobody declared by what it shows, and to whom."""
    facts = change.facts
    reads = facts["reads_ours"] and not facts["invoker"]
    private = reads and any(is_private(column) for column in facts["reads"])
    reached = [grant for grant in facts["grants"] if grant.split()[0] in STRANGERS]
    if facts["grants"]:
        if private:
            return CRITICAL
        unguarded = not facts["rls"] and facts["form"] in ("r", "p")
        return HIGH if reads or (unguarded and reached) else MEDIUM
    return LOW if facts["exposed"] and facts["form"] in ("r", "p") and not facts["rls"] else INFO


def _grade_stranger_function(change: Change) -> Severity:
    if change.facts["trigger"]:
        return INFO
    return HIGH if change.facts["definer"] else LOW


ACCESS_KINDS = (
    Kind(
        name="role",
        family="access",
        stage=1,
        missing=Aspect(
            severity=lambda c: HIGH if c.name in WATCHED else INFO,
            why="Nobody can act as this role, so whatever only it may do is not done, or is done with more rights.",
            repair=repairs.make_role,
        ),
        extra=Aspect(
            severity=_grade_role,
            why="It stands above row-level security: whoever acts as it sees every row it may read.",
            decide="Find out who uses it and what for; take the attribute away when nobody can say.",
            repair=lambda c: f"alter role {c.name} nobypassrls;" if not c.facts["superuser"] else None,
        ),
        aspects={
            word: Aspect(
                severity=_grade_attribute,
                why="Row-level security and grants are built against this role as the rules know it, not with this.",
                repair=grants.set_attribute,
            )
            for word in ROLE_WORDS
        },
    ),
    Kind(
        name="membership",
        family="access",
        stage=3,
        missing=Aspect(
            severity=lambda c: INFO if is_platform(c.facts["member"]) or c.facts["member"] == "postgres" else MEDIUM,
            why="{member} cannot act as {role}, so what only {role} may do is not done.",
            repair=grants.join_role,
        ),
        extra=Aspect(
            severity=_grade_membership,
            why="{member} has, or can take, all rights of {role}.",
            repair=grants.leave_role,
        ),
        aspects={
            **dict.fromkeys(("member", "role"), FOLLOWS),
            **{
                word: Aspect(
                    severity=_grade_option,
                    why="{member} uses the rights of {role} in another way than the rules say.",
                    repair=grants.set_membership,
                )
                for word in ("admin", "inherit", "set")
            },
        },
        subject=lambda c: str(c.facts["member"]),
    ),
    Kind(
        name="setting",
        family="access",
        stage=4,
        missing=Aspect(
            severity=_grade_setting, why="A limit is gone: one request may hold the database.", repair=grants.set_setting
        ),
        extra=Aspect(
            severity=_grade_setting,
            why="Every session begins with {name} set; names, policies or triggers may mean something else then.",
            repair=grants.set_setting,
        ),
        aspects={
            **dict.fromkeys(("role", "place", "name"), FOLLOWS),
            "value": Aspect(
                severity=_grade_setting,
                why="Every session begins with another {name} than the rules were built on.",
                repair=grants.set_setting,
            ),
        },
        subject=lambda c: "the database" if c.facts["role"] == "*" else str(c.facts["role"]),
    ),
    Kind(
        name="policy",
        family="access",
        stage=50,
        missing=Aspect(
            severity=MEDIUM, why="The rows that it would show stay hidden from those they belong to.",
            repair=repairs.remake_policy,
        ),
        extra=Aspect(
            severity=_grade_new_policy,
            why="A policy that nobody declared lets through what no rule has allowed.",
            repair=repairs.drop_policy,
        ),
        aspects=POLICY,
        same_under_another_name=("relation", "command", "permissive", "roles", "using", "with_check"),
    ),
    Kind(
        name="privilege",
        family="access",
        stage=60,
        missing=Aspect(
            severity=_grade_missing_privilege,
            why="{grantee} is refused what the rules give it: {privilege}.",
            repair=grants.give_missing,
        ),
        extra=Aspect(
            severity=_grade_extra_privilege,
            why="{grantee} may {privilege}, which no rule gives it.",
            repair=grants.take_extra,
        ),
        aspects=PRIVILEGE,
        subject=_privilege_subject,
    ),
    Kind(
        name="default_privilege",
        family="access",
        stage=2,
        missing=Aspect(severity=LOW, why="A default that the rules set is not set.", repair=grants.set_default),
        extra=Aspect(
            severity=_grade_default,
            why="Whatever {owner} makes from now on is granted to {grantee} by itself.",
            repair=grants.set_default,
        ),
        aspects={"grantable": Aspect(severity=HIGH, why="{grantee} may pass it on.", repair=grants.set_default)},
        subject=lambda c: f"default privileges of {c.facts['owner']}",
    ),
    Kind(
        name="publication",
        family="access",
        stage=70,
        missing=None,
        extra=Aspect(
            severity=_grade_publication,
            why="The publication {publication} sends every change of {relation} away, past row-level security.",
            repair=grants.leave_publication,
        ),
        aspects={
            **dict.fromkeys(("publication", "relation", "through"), FOLLOWS),
        },
        subject=_publication_subject,
    ),
    Kind(
        name="extension",
        family="strangers",
        stage=80,
        missing=None,
        extra=Aspect(
            severity=_grade_extension,
            why="An extension in a schema that the Data API serves offers its functions to everybody.",
            repair=_move_extension,
            decide="An extension that can't be moved has to be made again in the schema extensions.",
        ),
        aspects={
            "schema": Aspect(severity=_grade_extension, why="It was moved.", repair=_move_extension),
            "relocatable": FOLLOWS,
        },
    ),
    Kind(
        name="event_trigger",
        family="strangers",
        stage=80,
        missing=None,
        extra=Aspect(
            severity=_grade_event_trigger,
            why="It runs whenever the schema is changed, with the rights of whoever changes it.",
            repair=lambda c: f"alter event trigger {c.name} disable;",
        ),
        aspects={fact: Aspect(severity=INFO, why="It was changed.") for fact in ("enabled", "owner", "function", "event")},
    ),
    Kind(
        name="stranger",
        family="strangers",
        stage=90,
        missing=None,
        extra=Aspect(
            severity=_grade_stranger,
            why="Nobody declared it, and it stands where the Data API, or a view, lets people reach it.",
            repair=repairs.close_relation,
            decide="Declare it in the rules, or remove it when nobody needs it.",
        ),
    ),
    Kind(
        name="stranger_function",
        family="strangers",
        stage=90,
        missing=None,
        extra=Aspect(
            severity=_grade_stranger_function,
            why="Nobody declared it, and everybody with the site's key can call it.",
            repair=repairs.close_function,
            decide="Declare it in the rules, or drop it when nobody needs it.",
        ),
    ),
)
