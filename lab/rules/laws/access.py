"""Laws of access: grants, policies, functions and triggers."""

import re
from collections.abc import Iterator

from lab.rules.derived import check_function, derived_triggers
from lab.rules.model.postgres import SEARCH_PATH
from lab.rules.registry import Rules


def anon_has_no_grants(rules: Rules) -> Iterator[str]:
    """No table has a grant or policy for anon, and no grant includes DELETE."""
    for table in rules.tables:
        for grant in table.grants:
            if grant.role.id == "anon":
                yield f"{table.qualified}: grants to anon; use a function that takes an unguessable slug"
            if "delete" in grant.commands:
                yield f"{table.qualified}: grants delete; only erase_subject deletes rows"
        for policy in table.policies:
            if policy.role.id == "anon":
                yield f"{table.qualified}: the policy {policy.name} is for anon; remove it"


def policies_match_grants(rules: Rules) -> Iterator[str]:
    """Each policy has a grant, and each grant to a role that row-level security limits has a policy."""
    for table in rules.tables:
        granted = {(g.role.id, c) for g in table.grants for c in g.commands}
        ruled = {(p.role.id, p.command) for p in table.policies}
        for role, command in sorted(ruled - granted):
            yield f"{table.qualified}: {role} has a policy for {command}, but no grant"
        for role, command in sorted(granted - ruled):
            if role != "service_role":
                yield f"{table.qualified}: {role} is granted {command}, but no policy says which rows"
        if len(ruled) != len(table.policies):
            yield f"{table.qualified}: has two policies for one role and command; join them with or"


def policies_wrap_auth_functions(rules: Rules) -> Iterator[str]:
    """Policies wrap auth functions in a select, so that they run once and not for every row."""
    for table in rules.tables:
        for policy in table.policies:
            for expression in (policy.using, policy.with_check):
                if expression and re.search(r"(?<!select )auth\.\w+\(\)", expression):
                    yield f"{table.qualified}: the policy {policy.name} calls auth functions for every row; wrap them in a select"
            if policy.using is None and policy.with_check is None:
                yield f"{table.qualified}: the policy {policy.name} has no expression"


def policies_call_foundation_functions(rules: Rules) -> Iterator[str]:
    """Functions that a policy calls are created before the tables, so that a table can be recreated with its policies."""
    late = [function for function in rules.functions if function.stage != "foundation"]
    for table in rules.tables:
        for policy in table.policies:
            text = f"{policy.using} {policy.with_check}"
            for function in (function for function in late if f"{function.qualified}(" in text):
                yield f"{table.qualified}: the policy {policy.name} calls {function.qualified}; set its stage to foundation"


def exposed_functions_have_a_reason(rules: Rules) -> Iterator[str]:
    """A definer function that anon or authenticated may call has a reason, and nobody may call a trigger function."""
    for function in rules.functions:
        exposed = [role.id for role in function.execute if role.id in ("anon", "authenticated")]
        if function.definer and exposed and not function.exposed_because:
            yield f"{function.qualified}: runs as its owner for {', '.join(exposed)}; give the reason in exposed_because"
        if function.exposed_because and not (function.definer and exposed):
            yield f"{function.qualified}: has exposed_because, but is not exposed"
        if function.returns == "trigger" and function.execute:
            yield f"{function.qualified}: is a trigger function; let nobody call it"
        if function.db_schema == "public" and not function.execute:
            yield f"{function.qualified}: is in public, but nobody may call it; move it to wall"


def functions_pin_search_path(rules: Rules) -> Iterator[str]:
    """Every function has the search path pg_catalog, pg_temp, so that a caller cannot replace what it uses."""
    for function in (*rules.functions, *map(check_function, rules.tables)):
        if function.search_path != SEARCH_PATH:
            path = ", ".join(function.search_path) or "nothing"
            yield f"{function.qualified}: its search_path is {path}; set it to {', '.join(SEARCH_PATH)}, in this order"


def triggers_run_registered_functions(rules: Rules) -> Iterator[str]:
    """Every trigger runs a function of the registry, and every trigger function has a trigger."""
    used = {trigger.function.id for table in rules.tables for trigger in table.triggers}
    used |= {trigger.function.id for table in rules.tables for trigger in derived_triggers(table)}
    declared = {function.id for function in rules.functions if function.returns == "trigger"}
    yield from (f"trigger function {id}: is not in FUNCTIONS" for id in sorted(used - declared))
    yield from (f"trigger function {id}: no trigger runs it" for id in sorted(declared - used))
