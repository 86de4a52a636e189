"""Laws across the rules: each finds the rules that break it, and all faults are reported together."""

import re
from collections.abc import Callable, Iterator

from lab.rules.derived import DIGESTS, all_triggers, check_function, derived_triggers, guarded_texts, words_expression
from lab.rules.model import Column, Command, EraseAction, PrivacyClass, Rule, Table, Trigger
from lab.rules.model.postgres import SEARCH_PATH
from lab.rules.registry import Rules
from lab.text.errors import LabError

FREE_TYPES = ("text", "text[]", "varchar", "character varying", "json", "jsonb", "xml", "citext", "name")

Law = Callable[[Rules], Iterator[str]]


class BrokenRules(LabError):
    """The rules contradict themselves; says each fault, the law that it breaks and the next step, one a line."""


def _name(rule: Rule) -> str:
    return str(getattr(rule, "id", None) or getattr(rule, "name", ""))


def _columns(rules: Rules) -> Iterator[tuple[Table, Column]]:
    return ((table, column) for table in rules.tables for column in table.columns)


def ids_are_unique(rules: Rules) -> Iterator[str]:
    """Every kind of rule gives each id once."""
    for field in Rules.model_fields:
        value = getattr(rules, field)
        if not isinstance(value, tuple):
            continue
        ids = [_name(rule) for rule in value if isinstance(rule, Rule)]
        for double in sorted({id for id in ids if ids.count(id) > 1}):
            yield f"{field}: the id {double} is given more than once; rename one of them"


def references_are_registered(rules: Rules) -> Iterator[str]:
    """Whatever a rule points at is in the registry."""
    tables, risks, env = set(map(id, rules.tables)), set(map(id, rules.risks)), set(map(id, rules.env))
    consents, jobs = set(map(id, rules.consents)), set(map(id, rules.jobs))
    for bringer in rules.bringers:
        for need in bringer.tables:
            if id(need.table) not in tables:
                yield f"{bringer.id}: the table {need.table.id} is not in TABLES; add it there"
        for ask in bringer.consents:
            if id(ask.consent) not in consents:
                yield f"{bringer.id}: the consent {ask.consent.id} is not in CONSENTS; add it there"
        for risk in bringer.risks:
            if id(risk) not in risks:
                yield f"{bringer.id}: the risk {risk.id} is not in RISKS; add it there"
        for variable in bringer.env:
            if id(variable) not in env:
                yield f"{bringer.id}: the variable {variable.id} is not in ENV; add it there"
    for channel in rules.channels:
        if channel.job is not None and id(channel.job) not in jobs:
            yield f"{channel.id}: the job {channel.job.id} is not in JOBS; add it there"
    for layer in rules.layers:
        for channel in layer.channels:
            if channel not in rules.channels:
                yield f"{layer.id}: the channel {channel.id} is not in CHANNELS; add it there"


def nothing_is_idle(rules: Rules) -> Iterator[str]:
    """Every risk, consent, channel and variable is used by something."""
    used_risks = {risk.id for bringer in rules.bringers for risk in bringer.risks}
    used_consents = {ask.consent.id for bringer in rules.bringers for ask in bringer.consents}
    used_env = {v.id for bringer in rules.bringers for v in bringer.env} | {v.id for v in rules.env_always}
    offered = {channel.id for layer in rules.layers for channel in layer.channels}
    yield from (f"risk {r.id}: nothing brings it; delete it" for r in rules.risks if r.id not in used_risks)
    yield from (f"consent {c.id}: nothing asks for it" for c in rules.consents if c.id not in used_consents)
    yield from (f"variable {v.id}: nothing needs it" for v in rules.env if v.id not in used_env)
    yield from (f"channel {c.id}: no layer offers it" for c in rules.channels if c.id not in offered)


def subjects_can_be_erased(rules: Rules) -> Iterator[str]:
    """No column keeps a person: secret and personal ones are erased, and so is every link to a subject."""
    for table, column in _columns(rules):
        where = f"{table.qualified}.{column.name}"
        private = column.privacy in (PrivacyClass.SECRET, PrivacyClass.PERSONAL)
        hashed = column.name.endswith("_sha256")
        if column.erase is EraseAction.KEEP and (column.names_subject or (private and not hashed)):
            yield f"{where}: keeps a person after erasure; choose delete_row or set_null"
        if column.erase is EraseAction.SET_NULL and not column.nullable:
            yield f"{where}: set_null needs a nullable column"
        if column.erase is EraseAction.SET_NULL and column.fixed:
            yield f"{where}: cannot be fixed and be set to null by erasure"


def erased_rows_have_a_subject(rules: Rules) -> Iterator[str]:
    """A row that goes with its subject can be found: by its own subject or by what it hangs on."""
    for table in rules.tables:
        goes = [column for column in table.columns if column.erase is EraseAction.DELETE_ROW]
        found = any(c.names_subject and c.erase is EraseAction.DELETE_ROW for c in table.columns)
        hangs = any(
            isinstance(c.references.table, Table) and c.erase is EraseAction.DELETE_ROW
            for c in table.columns
            if c.references
        )
        if goes and not (found or hangs):
            yield f"{table.qualified}: its rows go with a subject, but no column leads to one"


def rows_of_two_say_whose_they_are(rules: Rules) -> Iterator[str]:
    """In a row of two people each column that names one says what stays for the other, and what goes."""
    for table in rules.tables:
        naming = [c for c in table.columns if c.names_subject and c.erase is EraseAction.DELETE_ROW]
        if len(naming) > 1:
            yield from (
                f"{table.qualified}.{c.name}: says nothing of the other; add shared" for c in naming if not c.shared
            )
        changes = [(c.name, change) for c in table.columns for change in (c.shared.sets if c.shared else ())]
        changes += [(c.name, change) for c in table.columns for change in c.by_address]
        for name, (changed, value) in changes:
            if value == "null" and not table.column(changed).nullable:
                yield f"{table.qualified}.{name}: blanks {changed}, which must not be empty"
        if naming and any(c.shared for c in naming):
            said = {changed for _, (changed, _) in changes}
            private = [c for c in table.columns if c.privacy in (PrivacyClass.SECRET, PrivacyClass.PERSONAL)]
            for column in private:
                if column.name not in said:
                    yield f"{table.qualified}.{column.name}: stays when either goes; say whose it is in shared"


def holds_reach_every_row(rules: Rules) -> Iterator[str]:
    """A legal hold may name any row that an erasure would delete or blank, but for the course of the erasure itself."""
    held = set(rules.table("legal_holds").column("table_name").allowed)
    machinery = {"audit_codes", "erased_subjects"}
    touched = {t.id for t, c in _columns(rules) if c.names_subject or c.erase is EraseAction.DELETE_ROW} - machinery
    yield from (f"legal_holds.table_name: lacks {id}, whose rows go with a person" for id in sorted(touched - held))
    yield from (f"legal_holds.table_name: {id} has no row of a person" for id in sorted(held - touched))


def erased_people_stay_unnamed(rules: Rules) -> Iterator[str]:
    """A column that names a person is filled later only where it says so, and only where erasure blanks it."""
    for table, column in _columns(rules):
        blanked = column.names_subject and column.erase is EraseAction.SET_NULL
        if column.filled_later and not blanked:
            yield f"{table.qualified}.{column.name}: says filled_later, but erasure blanks no person there"
        fixed = {name for t in derived_triggers(table) if t.function.id == "refuse_rewrite" for name in _named(t)}
        if blanked and column.name not in fixed:
            yield f"{table.qualified}.{column.name}: may name another person later; let derived_triggers fix it"


def _named(trigger: Trigger) -> list[str]:
    return trigger.arguments[0].split(", ")


def stored_files_stand_once(rules: Rules) -> Iterator[str]:
    """A path in storage stands in one row alone, so that its file can be deleted without taking another row's."""
    for table, column in _columns(rules):
        once = any(index.unique and index.columns == (column.name,) for index in table.indexes)
        if column.stored_file and not (once and table.column(table.primary_key[0]).type == "uuid"):
            yield f"{table.qualified}.{column.name}: give it a unique index, and its table a random key"


def public_fields_stand_apart(rules: Rules) -> Iterator[str]:
    """No table holds secret and public fields side by side."""
    for table in rules.tables:
        classes = {column.privacy for column in table.columns}
        if {PrivacyClass.SECRET, PrivacyClass.PUBLIC} <= classes:
            yield f"{table.qualified}: holds secret and public fields; move the public ones to a table of their own"


def texts_are_closed(rules: Rules) -> Iterator[str]:
    """Whatever operators, logs and strangers may see holds no free text: a list, a reference, a form or a check."""
    for table, column in _columns(rules):
        where = f"{table.qualified}.{column.name}"
        checks = {check.name: check.expression for check in table.checks}
        if column.closed_by and not re.search(rf"\b{column.name}\b", checks.get(column.closed_by, "")):
            yield f"{where}: is closed by {column.closed_by}, but no check of that name asks about it"
        private = column.privacy in (PrivacyClass.SECRET, PrivacyClass.PERSONAL)
        closed = column.allowed or column.references or column.form or column.closed_by or table.by_migration
        if column.type.split("(")[0] in FREE_TYPES and not private and not closed:
            yield f"{where}: takes free text; give it allowed, a reference, a form or closed_by"


def migrations_alone_add_words(rules: Rules) -> Iterator[str]:
    """A table whose rows only migrations add is granted to nobody but for reading."""
    for table in rules.tables:
        for grant in table.grants if table.by_migration else ():
            if grant.commands != (Command.SELECT,):
                yield f"{table.qualified}: only migrations add to it, but {grant.role.id} may do more than read"


def quoted_rows_hold_no_text(rules: Rules) -> Iterator[str]:
    """A row that may be quoted when it is refused holds nothing private, and no role but the owner writes it."""
    for table in rules.tables:
        private = any(c.privacy in (PrivacyClass.SECRET, PrivacyClass.PERSONAL) for c in table.columns)
        written = any(grant.commands != (Command.SELECT,) for grant in table.grants)
        if table.quotes_no_text and (private or written):
            yield f"{table.qualified}: says quotes_no_text, but has private columns or is granted for writing"


def tables_have_a_core(rules: Rules) -> Iterator[str]:
    """Every table has created_at, a primary key of its own columns, and columns named once."""
    for table in rules.tables:
        names = [column.name for column in table.columns]
        if "created_at" not in names:
            yield f"{table.qualified}: has no created_at; add created()"
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{table.qualified}: names the column {name} twice"
        named = {*table.primary_key, *(c for i in table.indexes for c in i.columns)}
        named |= {c for grant in table.grants for c in grant.columns}
        for name in sorted(named - set(names)):
            yield f"{table.qualified}: a key, index or grant names {name}, which is no column of it"


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


def foreign_keys_are_indexed(rules: Rules) -> Iterator[str]:
    """Every foreign key leads an index or the primary key, so that deleting its target is quick."""
    for table in rules.tables:
        leading = {table.primary_key[0], *(index.columns[0] for index in table.indexes if index.columns)}
        for column in table.columns:
            if column.references is not None and column.name not in leading:
                yield f"{table.qualified}.{column.name}: no index starts with this foreign key"


def tables_come_after_what_they_name(rules: Rules) -> Iterator[str]:
    """A table is created after every table that it points at."""
    seen: set[str] = set()
    for table in rules.tables:
        seen.add(table.qualified)
        for column in table.columns:
            target = column.references.table if column.references else None
            if isinstance(target, Table) and target.qualified not in seen:
                yield f"{table.qualified}.{column.name}: points at {target.qualified}, which comes later in TABLES"


def states_can_be_reached(rules: Rules) -> Iterator[str]:
    """Moves name allowed states, and every state can be reached from a first one."""
    for table, column in _columns(rules):
        if not column.moves:
            continue
        where = f"{table.qualified}.{column.name}"
        named = {state for move in column.moves for state in move} | set(column.starts)
        for state in sorted(named - set(column.allowed)):
            yield f"{where}: {state} is no allowed state"
        reached = set(column.starts or column.allowed)
        for _ in column.allowed:
            reached |= {to for origin, to in column.moves if origin in reached}
        for state in sorted(set(column.allowed) - reached):
            yield f"{where}: the state {state} can never be reached"


def states_need_values(rules: Rules) -> Iterator[str]:
    """What a state needs, allows or sets is a nullable column, and names states that its table has."""
    for table, column in _columns(rules):
        where = f"{table.qualified}.{column.name}"
        named = {*column.needed_in, *column.only_in, *column.set_in, *column.cleared_in, *column.given_in}
        states = set(table.state.allowed) if table.state else set()
        yield from (f"{where}: {state} is no state of its table" for state in sorted(named - states))
        if column.only_in and not {*column.needed_in, *column.set_in, *column.given_in} <= set(column.only_in):
            yield f"{where}: is needed, set or given in a state that may not have it"
        if named and not column.nullable:
            yield f"{where}: depends on a state and must be nullable"
        if column.cleared_in and not column.once:
            yield f"{where}: says cleared_in, but is not written once"
        if column.once and column.erase is EraseAction.SET_NULL:
            yield f"{where}: cannot be written once and be set to null by erasure"
        if column.past and column.type != "timestamptz":
            yield f"{where}: past is for moments; its type is {column.type}"


def amounts_know_their_currency(rules: Rules) -> Iterator[str]:
    """An amount in smallest units stands beside its currency, which is one of those that the shop takes."""
    taken = tuple(currency.id for currency in rules.currencies)
    for table in rules.tables:
        for column in table.columns:
            if column.name.endswith("_minor") and not any(c.name == "currency" for c in table.columns):
                yield f"{table.qualified}.{column.name}: no column currency says what it counts"
            if column.name == "currency" and column.allowed != taken:
                yield f"{table.qualified}.currency: takes other currencies than CURRENCIES; declare it with currency()"


def answers_fit_their_layers(rules: Rules) -> Iterator[str]:
    """An AI answers for layers that exist, each column `layer` of its runs has a schema, and keys are named once."""
    known = {layer.id for layer in rules.layers}
    for answer in rules.answers:
        names = [part.name for part in answer.parts]
        if answer.id not in known:
            yield f"answer {answer.id}: is no layer"
        yield from (f"answer {answer.id}: names {name} twice" for name in sorted(set(names)) if names.count(name) > 1)
    allowed = rules.table("ai_runs").column("layer").allowed
    for layer in sorted(set(allowed) ^ {answer.id for answer in rules.answers}):
        yield f"public.ai_runs.layer: {layer} has no answer in lab/rules/ai.py, or no run writes it"


def private_words_are_indexed(rules: Rules) -> Iterator[str]:
    """Every secret text that belongs to a person has the index by which an AI's answer is searched for it."""
    for table, column in guarded_texts(rules.tables):
        expressions = {index.expression for index in table.indexes}
        if column.type not in DIGESTS:
            yield f"{table.qualified}.{column.name}: is secret, and no AI's answer is searched for words of its type"
        elif words_expression(column, every=False) not in expressions:
            yield f"{table.qualified}.{column.name}: is secret and not searched for; add words_index()"


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


def ledgers_are_ledgers(rules: Rules) -> Iterator[str]:
    """What is numbered and digested as a ledger is listed in LEDGERS, and nothing else is."""
    stamped = {table.id for table in rules.tables if any(t.function.id == "stamp_ledger" for t in table.triggers)}
    listed = set(rules.table("ledger_seals").column("ledger").allowed)
    yield from (f"public.{id}: is stamped as a ledger; add it to LEDGERS" for id in sorted(stamped - listed))
    yield from (f"public.{id}: stands in LEDGERS; stamp it as a ledger" for id in sorted(listed - stamped))


def rows_are_kept(rules: Rules) -> Iterator[str]:
    """Every table refuses a plain DELETE of a row and a TRUNCATE, by triggers that no other one replaces."""
    for table in rules.tables:
        names = [trigger.name for trigger in all_triggers(table)]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{table.qualified}: two triggers are called {name}, and only one would stand; rename yours"
        guards = [t for t in all_triggers(table) if t.function.id == "refuse_removal" and t.when is None]
        kept = {(t.timing, t.events, t.level) for t in guards}
        for command, level in (("delete", "row"), ("truncate", "statement")):
            if ("before", command, level) not in kept:
                yield f"{table.qualified}: nothing refuses {command}; let derived_triggers give it its trigger"


def triggers_run_registered_functions(rules: Rules) -> Iterator[str]:
    """A trigger runs a function of the registry, and every trigger function has a trigger."""
    used = {trigger.function.id for table in rules.tables for trigger in table.triggers}
    used |= {trigger.function.id for table in rules.tables for trigger in derived_triggers(table)}
    declared = {function.id for function in rules.functions if function.returns == "trigger"}
    yield from (f"trigger function {id}: is not in FUNCTIONS" for id in sorted(used - declared))
    yield from (f"trigger function {id}: no trigger runs it" for id in sorted(declared - used))


def names_carry_something(rules: Rules) -> Iterator[str]:
    """Standing rules and chapters name triggers, policies, indexes, functions, views or tables that exist."""
    known = object_names(rules)
    for standing in rules.standing_rules:
        yield from (
            f"standing rule {standing.id}: {name} does not exist" for name in standing.enforced_by if name not in known
        )
    for chapter in rules.chapters:
        yield from (f"chapter {chapter.id}: {name} does not exist" for name in chapter.carried_by if name not in known)


def proofs_have_a_query(rules: Rules) -> Iterator[str]:
    """A proof asks a query or a ledger's anchors, or says why it cannot."""
    for chapter in rules.chapters:
        for proof in chapter.proofs:
            given = (proof.query, proof.ledger, proof.unknown_because)
            if sum(one is not None for one in given) != 1:
                yield f"chapter {chapter.id}: the proof {proof.id} needs a query, or the reason why there is none"


def examples_fit_their_form(rules: Rules) -> Iterator[str]:
    """Every variable's example has the form it asks for, and no secret has a public prefix."""
    for variable in rules.env:
        if not re.fullmatch(variable.form, variable.example):
            yield f"variable {variable.id}: its example does not have its own form"
        if variable.secret and variable.id.startswith("NEXT_PUBLIC_"):
            yield f"variable {variable.id}: is secret, but its name makes it public"


def jobs_and_channels_agree(rules: Rules) -> Iterator[str]:
    """A channel asks for exactly the consents that its job needs, and brings where the attempts are kept."""
    for channel in rules.channels:
        if channel.job is None:
            continue
        asked = {ask.consent.id for ask in channel.consents}
        needed = {consent.id for consent in channel.job.consents}
        if asked != needed:
            yield f"channel {channel.id}: asks for {sorted(asked)}, but its job needs {sorted(needed)}"
        if channel.job.id != channel.id:
            yield f"channel {channel.id}: its job is called {channel.job.id}; one name for one thing"


def sold_layers_exist(rules: Rules) -> Iterator[str]:
    """What products and AI runs name as a layer is one."""
    known = {layer.id for layer in rules.layers}
    for table, column in _columns(rules):
        if column.name == "layer":
            yield from (f"{table.qualified}.layer: {id} is no layer" for id in column.allowed if id not in known)


LAWS: tuple[Law, ...] = (
    ids_are_unique,
    references_are_registered,
    nothing_is_idle,
    subjects_can_be_erased,
    erased_rows_have_a_subject,
    rows_of_two_say_whose_they_are,
    holds_reach_every_row,
    erased_people_stay_unnamed,
    stored_files_stand_once,
    public_fields_stand_apart,
    texts_are_closed,
    migrations_alone_add_words,
    quoted_rows_hold_no_text,
    tables_have_a_core,
    nothing_for_strangers,
    policies_meet_grants,
    policies_ask_once,
    policies_call_what_is_there,
    foreign_keys_are_indexed,
    tables_come_after_what_they_name,
    states_can_be_reached,
    states_need_values,
    amounts_know_their_currency,
    answers_fit_their_layers,
    private_words_are_indexed,
    functions_are_guarded,
    functions_cannot_be_hijacked,
    ledgers_are_ledgers,
    rows_are_kept,
    triggers_run_registered_functions,
    names_carry_something,
    proofs_have_a_query,
    examples_fit_their_form,
    jobs_and_channels_agree,
    sold_layers_exist,
)


def object_names(rules: Rules) -> frozenset[str]:
    """Return the names of everything that the rules make in a database."""
    names = {table.id for table in rules.tables}
    names |= {function.id for function in rules.functions} | {view.name for view in rules.views}
    for table in rules.tables:
        names |= {f"{table.id}_pkey"}
        inside: tuple[Rule, ...] = (*table.indexes, *table.policies, *table.triggers, *table.checks)
        names |= {_name(rule) for rule in inside}
        names |= {trigger.name for trigger in derived_triggers(table)}
    return frozenset(names)


def check_laws(rules: Rules) -> Rules:
    """Return the rules when they keep every law.

    Raises:
        BrokenRules: With every fault of every law.
    """
    faults = [
        f"{fault}. That breaks the law {law.__name__}: {law.__doc__} Correct it in lab/rules/."
        for law in LAWS
        for fault in law(rules)
    ]
    if faults:
        raise BrokenRules(faults=faults)
    return rules
