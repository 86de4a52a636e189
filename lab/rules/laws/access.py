"""Laws of access: grants, policies, functions and triggers."""

import re
from collections.abc import Iterator

from lab.rules.derived import check_function, derived_triggers
from lab.rules.model.postgres import SEARCH_PATH
from lab.rules.registry import Rules


def nothing_for_strangers(rules: Rules) -> Iterator[str]:
    """No table grants anything to anon, and no grant or policy speaks of DELETE."""
    for table in rules.tables:
        for grant in table.grants:
            if grant.role.id == "anon":
                yield f"{table.qualified}: grants to anon; use a function that takes an unguessable slug"
            if "delete" in grant.commands:
                yield f"{table.qualified}: grants delete; erasure is erase_subject's alone"
        for policy in table.policies:
            if policy.role.id == "anon":
                yield f"{table.qualified}: the policy {policy.name} is for anon; nothing is"


def policies_meet_grants(rules: Rules) -> Iterator[str]:
    """A policy without a grant, or a grant to a role that row-level security holds without a policy, is a slip."""
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


def policies_ask_once(rules: Rules) -> Iterator[str]:
    """Auth functions in policies are wrapped in a select, so that they are asked once and not for every row."""
    for table in rules.tables:
        for policy in table.policies:
            for expression in (policy.using, policy.with_check):
                if expression and re.search(r"(?<!select )auth\.\w+\(\)", expression):
                    yield f"{table.qualified}: the policy {policy.name} calls auth functions for every row; wrap them"
            if policy.using is None and policy.with_check is None:
                yield f"{table.qualified}: the policy {policy.name} has no expression"


def policies_call_what_is_there(rules: Rules) -> Iterator[str]:
    """What a policy calls is there before its table, so that a lost table can be made again with its policies."""
    late = [function for function in rules.functions if function.stage != "foundation"]
    for table in rules.tables:
        for policy in table.policies:
            text = f"{policy.using} {policy.with_check}"
            for function in (function for function in late if f"{function.qualified}(" in text):
                yield f"{table.qualified}: the policy {policy.name} calls {function.qualified}; put it into the foundation"


def functions_are_guarded(rules: Rules) -> Iterator[str]:
    """A definer function that strangers may call says why; nothing that triggers run may be called at all."""
    for function in rules.functions:
        strangers = [role.id for role in function.execute if role.id in ("anon", "authenticated")]
        if function.definer and strangers and not function.exposed_because:
            yield f"{function.qualified}: runs as its owner for {', '.join(strangers)}; say exposed_because"
        if function.exposed_because and not (function.definer and strangers):
            yield f"{function.qualified}: says exposed_because, but is not exposed"
        if function.returns == "trigger" and function.execute:
            yield f"{function.qualified}: is a trigger function, so nobody may call it"
        if function.db_schema == "public" and not function.execute:
            yield f"{function.qualified}: stands in public, but nobody may call it; move it to wall"


def functions_cannot_be_hijacked(rules: Rules) -> Iterator[str]:
    """Every function finds names in pg_catalog first and in pg_temp last, so that nothing of the caller's stands in."""
    for function in (*rules.functions, *map(check_function, rules.tables)):
        if function.search_path != SEARCH_PATH:
            path = ", ".join(function.search_path) or "nothing"
            yield f"{function.qualified}: its search_path is {path}; pin {', '.join(SEARCH_PATH)}, in this order"


def triggers_run_registered_functions(rules: Rules) -> Iterator[str]:
    """A trigger runs a function of the registry, and every trigger function has a trigger."""
    used = {trigger.function.id for table in rules.tables for trigger in table.triggers}
    used |= {trigger.function.id for table in rules.tables for trigger in derived_triggers(table)}
    declared = {function.id for function in rules.functions if function.returns == "trigger"}
    yield from (f"trigger function {id}: is not in FUNCTIONS" for id in sorted(used - declared))
    yield from (f"trigger function {id}: no trigger runs it" for id in sorted(declared - used))
