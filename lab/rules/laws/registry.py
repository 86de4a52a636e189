"""Laws of the registry: ids are given once, what is pointed at is listed, and what is listed is used."""

from collections.abc import Iterator

from lab.rules.derived import derived_triggers
from lab.rules.laws.law import name_of
from lab.rules.model import Criterion, GeneralPromise, Invariant, Promise, Question, Rule
from lab.rules.registry import Rules


def ids_are_unique(rules: Rules) -> Iterator[str]:
    """Every kind of rule gives each id once."""
    for field in Rules.model_fields:
        value = getattr(rules, field)
        if not isinstance(value, tuple):
            continue
        ids = [name_of(rule) for rule in value if isinstance(rule, Rule)]
        for double in sorted({id for id in ids if ids.count(id) > 1}):
            yield f"{field}: the id {double} is given more than once; rename one of them"


def findings_name_one_rule(rules: Rules) -> Iterator[str]:
    """An id names one thing among all that is checked, so that a finding's key leads to one rule."""
    checked: dict[str, tuple[Invariant | Question | Criterion | Promise | GeneralPromise, ...]] = {
        "invariants": rules.invariants,
        "questions": rules.questions,
        "criteria": rules.criteria,
        "promises": rules.promises,
    }
    homes: dict[str, list[str]] = {}
    for kind, declared in checked.items():
        for id_ in dict.fromkeys(rule.id for rule in declared):
            homes.setdefault(id_, []).append(kind)
    for id_, kinds in homes.items():
        if len(kinds) > 1:
            yield f"{id_}: is the id of one of the {' and of one of the '.join(kinds)}; rename one of them"


def references_are_registered(rules: Rules) -> Iterator[str]:
    """Whatever a rule points at is in the registry."""
    yield from _left_out_of_bringers(rules)
    jobs = set(map(id, rules.jobs))
    for channel in rules.channels:
        if channel.job is not None and id(channel.job) not in jobs:
            yield f"{channel.id}: the job {channel.job.id} is not in JOBS; add it there"
    for layer in rules.layers:
        for channel in layer.channels:
            if channel not in rules.channels:
                yield f"{layer.id}: the channel {channel.id} is not in CHANNELS; add it there"
    asked = {*map(id, rules.invariants), *map(id, rules.questions)}
    for chapter in rules.chapters:
        for proof in chapter.proofs:
            if proof.asks is not None and id(proof.asks) not in asked:
                yield f"chapter {chapter.id}: {proof.asks.id} is neither in INVARIANTS nor in QUESTIONS; add it there"


def _left_out_of_bringers(rules: Rules) -> Iterator[str]:
    """Yield what a layer or a channel brings that is not listed."""
    tables, consents = set(map(id, rules.tables)), set(map(id, rules.consents))
    risks, env = set(map(id, rules.risks)), set(map(id, rules.env))
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


def names_carry_something(rules: Rules) -> Iterator[str]:
    """Standing rules and chapters name triggers, policies, indexes, functions, views or tables that exist."""
    known = object_names(rules)
    for standing in rules.standing_rules:
        yield from (
            f"standing rule {standing.id}: {name} does not exist" for name in standing.enforced_by if name not in known
        )
    for chapter in rules.chapters:
        yield from (f"chapter {chapter.id}: {name} does not exist" for name in chapter.carried_by if name not in known)


def object_names(rules: Rules) -> frozenset[str]:
    """Return the names of everything that the rules make in a database."""
    names = {table.id for table in rules.tables}
    names |= {function.id for function in rules.functions} | {view.name for view in rules.views}
    for table in rules.tables:
        names |= {f"{table.id}_pkey"}
        inside: tuple[Rule, ...] = (*table.indexes, *table.policies, *table.triggers, *table.checks)
        names |= {name_of(rule) for rule in inside}
        names |= {trigger.name for trigger in derived_triggers(table)}
    return frozenset(names)


def proofs_ask_something(rules: Rules) -> Iterator[str]:
    """A proof asks the rows or a ledger's anchors, or says why it cannot; what it proves is said once."""
    for chapter in rules.chapters:
        for proof in chapter.proofs:
            given = (proof.asks, proof.ledger, proof.unknown_because)
            if sum(one is not None for one in given) != 1:
                yield f"chapter {chapter.id}: the proof {proof.id} needs a question, or the reason why there is none"
            if (proof.statement is None) != (proof.asks is not None):
                yield f"chapter {chapter.id}: the proof {proof.id} is said by its question, or else by its statement"
