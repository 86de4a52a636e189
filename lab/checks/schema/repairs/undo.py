"""Writes the SQL that reverts a proposal, or a query that prints that SQL if a part of it is not shown. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from lab.checks.schema.kind import Change, Facts
from lab.checks.schema.redaction import hide_words
from lab.checks.schema.repairs.grants import act_as, give
from lab.checks.schema.repairs.objects import last, passed_to
from lab.rules.derived import quote
from lab.sql.tokens import split_name, write_name
from lab.text.secret_patterns import HIDDEN


def unless_hidden(change: Change, made: str, query: str) -> str:
    """Return SQL, or the query that prints it if a part of the facts is not shown."""
    shown = HIDDEN not in str(change.found) and hide_words(change.found) == change.found
    return made if shown else query


def grant_again(change: Change) -> str:
    """Restore the grants that closing a relation or function revokes, and its row-level security."""
    facts, roles = change.found, set(passed_to(change.found))
    together = defaultdict[tuple[str, bool, str, str], list[str]](list)
    for one in facts.get("held") or _find_held(change):
        if one["grantee"] in roles:
            place = (one["grantee"], one["grantable"], one.get("grantor") or "", one.get("column") or "")
            together[place].append(one["privilege"].lower())
    lines = [_give_again(change, place, privileges) for place, privileges in together.items()]
    guarded = facts.get("rls", change.target.of("row_security").get(change.name, {}).get("enabled"))
    if guarded is False and facts.get("form") in ("r", "p"):
        lines.append(f"alter table {change.name} disable row level security;")
    return "\n".join(lines)


def _give_again(change: Change, place: tuple[str, bool, str, str], privileges: list[str]) -> str:
    grantee, grantable, grantor, column = place
    what = ", ".join(f"{privilege} ({column})" if column else privilege for privilege in privileges)
    option = " with grant option" if grantable else ""
    statement = f"grant {what} on {_say_form(change)} {change.name} to {write_name(grantee)}{option};"
    return act_as(grantor, statement) if grantor else statement


def _say_form(change: Change) -> str:
    form = str(change.found.get("form"))
    if change.kind in ("function", "stranger_function"):
        return "routine" if form in ("p", "a") else "function"
    return "sequence" if form == "S" else "table"


def _find_held(change: Change) -> Iterator[Facts]:
    """Yield the privileges on an object in one of the rules' schemas, which the catalogue reads separately."""
    for facts in change.target.of("privilege").values():
        inside = facts["place"] == "column" and split_name(facts["object"])[0] == change.name
        if facts["object"] == change.name or inside:
            column = {"column": last(facts["object"])} if inside else {}
            yield {key: facts[key] for key in ("grantee", "privilege", "grantable")} | column


def grant_privilege_again(change: Change) -> str:
    """Grant a privilege again, and the grants that its holder had made."""
    return "\n".join(_grant_down(change.found, change.target.of("privilege").values(), set()))


def _grant_down(facts: Facts, held: Iterable[Facts], seen: set[str]) -> Iterator[str]:
    grantors, statement = facts.get("grantors") or [], give(facts)
    yield from [statement] if not grantors or facts.get("owned") else []
    yield from (act_as(grantor, statement) for grantor in grantors)
    seen.add(facts["grantee"])
    for other in held:
        same = all(other[word] == facts[word] for word in ("place", "object", "privilege"))
        if same and facts["grantee"] in (other.get("grantors") or ()) and other["grantee"] not in seen:
            yield from _grant_down(other, held, seen)


_PRINT_POLICY = """select format('create policy %I on %I.%I as %s for %s to %s', policyname, schemaname, tablename,
       permissive, cmd, (select string_agg(case r when 'public' then r::text else quote_ident(r) end, ', ')
                           from unnest(roles) as r))
       || case when qual is null then '' else ' using (' || qual || ')' end
       || case when with_check is null then '' else ' with check (' || with_check || ')' end || ';'
  from pg_policies
 where (schemaname, tablename) = {relation} and policyname = {name};"""


# The grants on an object, each made again by the role that made it; by its place, how its ACL is found.
_PRINT_GRANTS = """select format('set role %I; grant %s%s on {form} %s to %s%s; reset role;',
              pg_get_userbyid(x.grantor), x.privilege_type, ' (' || quote_ident(l.part) || ')', {name},
              case when x.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(x.grantee)) end,
              case when x.is_grantable then ' with grant option' else '' end)
  from ({acl}) as l (acl, part)
 cross join aclexplode(l.acl) as x
 where case when x.grantee = 0 then 'public' else pg_get_userbyid(x.grantee) end in ({roles})
 order by x.grantee;"""
_TABLE_ACL = (
    "select relacl, null from pg_class where oid = {name}::regclass "
    "union all select attacl, attname from pg_attribute where attrelid = {name}::regclass and attacl is not null"
)
_ACLS = {
    "table": _TABLE_ACL,
    "sequence": _TABLE_ACL,
    "function": "select coalesce(proacl, acldefault('f', proowner)), null from pg_proc "
    "where oid = {name}::regprocedure",
    "schema": "select nspacl, null from pg_namespace where oid = {name}::regnamespace",
    "foreign server": "select srvacl, null from pg_foreign_server where quote_ident(srvname) = {name}",
    "large object": "select lomacl, null from pg_largeobject_metadata where oid = {name}",
}


def print_grants(place: str, name: str, roles: Iterable[str]) -> str:
    """Return the query that prints the SQL which grants again what some roles hold on an object.

    Args:
        place: The form of the object, such as table or foreign server.
        name: Its name, as it is written in SQL.
        roles: The roles; `public` is one.
    """
    form = "routine" if place == "function" else place
    acl = _ACLS[place].format(name=quote(name))
    return _PRINT_GRANTS.format(form=form, name=quote(name), acl=acl, roles=", ".join(map(quote, roles)))


_PRINTING = {
    "index": "select pg_get_indexdef(i.indexrelid) || ';' from pg_index i join pg_class c on c.oid = i.indexrelid "
    "where i.indrelid = {relation}::regclass and c.relname = {name};",
    "constraint": "select format('alter table %s add constraint %I %s;', conrelid::regclass, conname, "
    "pg_get_constraintdef(oid)) from pg_constraint where conrelid = {relation}::regclass and conname = {name};",
    "trigger": "select pg_get_triggerdef(oid) || ';' from pg_trigger where tgrelid = {relation}::regclass "
    "and tgname = {name};",
    "rule": "select pg_get_ruledef(oid) from pg_rewrite where ev_class = {relation}::regclass and rulename = {name};",
    "statistics": "select pg_get_statisticsobjdef(oid) || ';' from pg_statistic_ext "
    "where stxrelid = {relation}::regclass and stxname = {name};",
}


def print_definition(form: str, relation: str, name: str, statistics: str | None = None) -> str | None:
    """Return the query that prints the SQL of an object on a table; None when nothing is dropped.

    Args:
        form: One of index, constraint, policy, trigger, rule and statistics.
        relation: The table, as it is written in SQL.
        name: The object's own name, as it is written in SQL.
        statistics: Of statistics, their name with its schema.
    """
    name = _quote_name(split_name(statistics)[1] if statistics else name)
    if form == "policy":
        return _PRINT_POLICY.format(relation=_quote_parts(relation), name=name)
    return _PRINTING[form].format(relation=quote(relation), name=name) if form in _PRINTING else None


def make_policy_again(change: Change) -> str:
    """Create a policy again."""
    facts, (relation, name) = change.found, split_name(change.name)
    parts = [
        f"{word} ({facts[key]})" for key, word in (("using", "using"), ("with_check", "with check")) if key in facts
    ]
    form = "permissive" if facts["permissive"] else "restrictive"
    roles = ", ".join(map(write_name, facts["roles"]))
    head = f"create policy {name} on {relation} as {form} for {facts['command']} to {roles}"
    made = " ".join([head, *parts]) + ";"
    query = _PRINT_POLICY.format(relation=_quote_parts(relation), name=_quote_name(name))
    return unless_hidden(change, _with_comment(change, "policy", made), query)


def make_constraint_again(change: Change) -> str:
    """Create a constraint again."""
    facts, (relation, name) = change.found, split_name(change.name)
    later = "" if facts["validated"] else " not valid"
    made = f"alter table {relation} add constraint {name} {facts['definition']}{later};"
    query = _PRINTING["constraint"].format(relation=quote(relation), name=_quote_name(name))
    return unless_hidden(change, _with_comment(change, "constraint", made), query)


def make_index_again(change: Change) -> str:
    """Create an index again."""
    facts = change.found
    options = f" WITH ({', '.join(facts['options'])})" if facts.get("options") else ""
    where = f" WHERE {facts['predicate']}" if "predicate" in facts else ""
    query = f"select pg_get_indexdef({quote(change.name)}::regclass) || ';';"
    return unless_hidden(change, f"{facts['definition']}{options}{where};", query)


def make_rule_again(change: Change) -> str:
    """Create a rewrite rule again, and restore whether it is enabled."""
    facts, (relation, name) = change.found, split_name(change.name)
    states = {"A": "enable always", "R": "enable replica", "D": "disable"}
    state = [f"alter table {relation} {states[facts['enabled']]} rule {name};"] if facts["enabled"] in states else []
    query = _PRINTING["rule"].format(relation=quote(relation), name=_quote_name(name))
    return unless_hidden(change, "\n".join([facts["definition"], *state]), query)


def make_trigger_again(change: Change) -> str:
    """Return the query that prints the SQL of a view's trigger, whose arguments are not shown."""
    relation, name = split_name(change.name)
    return _PRINTING["trigger"].format(relation=quote(relation), name=_quote_name(name))


def _with_comment(change: Change, form: str, made: str) -> str:
    relation, name = split_name(change.name)
    comment = change.found.get("comment")
    return f"{made}\ncomment on {form} {name} on {relation} is {quote(comment)};" if comment else made


def _quote_name(name: str) -> str:
    """Return an identifier as a string literal."""
    return quote(name[1:-1].replace('""', '"') if name.startswith('"') else name)


def _quote_parts(relation: str) -> str:
    return f"({', '.join(map(_quote_name, split_name(relation)))})"


_LISTS = ("search_path", "session_preload_libraries", "local_preload_libraries", "temp_tablespaces")


def write_value(facts: dict[str, Any]) -> str:
    """Return a setting's value as SQL; a list of names is already stored as SQL."""
    value = str(facts["value"])
    return value if facts["name"] in _LISTS and value else quote(value)
