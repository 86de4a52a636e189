"""Laws of the registry: ids are unique, every rule that is referred to is listed, and every listed one is used."""

from collections.abc import Iterator

from lab.rules.derived import derived_triggers
from lab.rules.laws.law import name_of
from lab.rules.model import Criterion, GeneralPromise, Invariant, Promise, Question, Rule
from lab.rules.registry import Rules


def ids_are_unique(rules: Rules) -> Iterator[str]:
    """Ids are unique within each kind of rule."""
    for field in Rules.model_fields:
        value = getattr(rules, field)
        if not isinstance(value, tuple):
            continue
        ids = [name_of(rule) for rule in value if isinstance(rule, Rule)]
        for repeated in sorted({id for id in ids if ids.count(id) > 1}):
            yield f"{field}: the id {repeated} is used more than once; rename one of them"


def findings_name_one_rule(rules: Rules) -> Iterator[str]:
    """Ids are unique among invariants, questions, criteria and promises, so that a finding's key names one rule."""
    checked: dict[str, tuple[Invariant | Question | Criterion | Promise | GeneralPromise, ...]] = {
        "invariants": rules.invariants,
        "questions": rules.questions,
        "criteria": rules.criteria,
        "promises": rules.promises,
    }
    kinds_by_id: dict[str, list[str]] = {}
    for kind, declared in checked.items():
        for id_ in dict.fromkeys(rule.id for rule in declared):
            kinds_by_id.setdefault(id_, []).append(kind)
    for id_, kinds in kinds_by_id.items():
        if len(kinds) > 1:
            yield f"{id_}: is used in {' and '.join(kinds)}; rename one of them"


def references_are_registered(rules: Rules) -> Iterator[str]:
    """Every rule that another rule refers to is in the registry."""
    yield from _unlisted_parts(rules)
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


def _unlisted_parts(rules: Rules) -> Iterator[str]:
    """Yield the rules of layers and channels that are not listed."""
    tables, consents = set(map(id, rules.tables)), set(map(id, rules.consents))
    risks, env = set(map(id, rules.risks)), set(map(id, rules.env))
    for part in rules.scenario_parts:
        for need in part.tables:
            if id(need.table) not in tables:
                yield f"{part.id}: the table {need.table.id} is not in TABLES; add it there"
        for wanted in part.consents:
            if id(wanted.consent) not in consents:
                yield f"{part.id}: the consent {wanted.consent.id} is not in CONSENTS; add it there"
        for risk in part.risks:
            if id(risk) not in risks:
                yield f"{part.id}: the risk {risk.id} is not in RISKS; add it there"
        for variable in part.env:
            if id(variable) not in env:
                yield f"{part.id}: the variable {variable.id} is not in ENV; add it there"


def listed_rules_are_used(rules: Rules) -> Iterator[str]:
    """Every risk, consent, channel and variable is used."""
    used_risks = {risk.id for part in rules.scenario_parts for risk in part.risks}
    used_consents = {need.consent.id for part in rules.scenario_parts for need in part.consents}
    used_env = {v.id for part in rules.scenario_parts for v in part.env} | {v.id for v in rules.env_always}
    offered = {channel.id for layer in rules.layers for channel in layer.channels}
    yield from (
        f"risk {r.id}: no layer, channel or circumstance uses it; delete it"
        for r in rules.risks
        if r.id not in used_risks
    )
    yield from (
        f"consent {c.id}: no layer or channel needs it; delete it" for c in rules.consents if c.id not in used_consents
    )
    yield from (f"variable {v.id}: no layer or channel needs it; delete it" for v in rules.env if v.id not in used_env)
    yield from (
        f"channel {c.id}: no layer offers it; add it to one, or delete it"
        for c in rules.channels
        if c.id not in offered
    )


def named_objects_exist(rules: Rules) -> Iterator[str]:
    """Standing rules and chapters name database objects that exist."""
    known = object_names(rules)
    for standing in rules.standing_rules:
        yield from (
            f"standing rule {standing.id}: {name} does not exist" for name in standing.enforced_by if name not in known
        )
    for chapter in rules.chapters:
        yield from (f"chapter {chapter.id}: {name} does not exist" for name in chapter.carried_by if name not in known)


def object_names(rules: Rules) -> frozenset[str]:
    """Return the names of all database objects that the rules declare."""
    names = {table.id for table in rules.tables}
    names |= {function.id for function in rules.functions} | {view.name for view in rules.views}
    for table in rules.tables:
        names |= {f"{table.id}_pkey"}
        inside: tuple[Rule, ...] = (*table.indexes, *table.policies, *table.triggers, *table.checks)
        names |= {name_of(rule) for rule in inside}
        names |= {trigger.name for trigger in derived_triggers(table)}
    return frozenset(names)


def proofs_have_one_source(rules: Rules) -> Iterator[str]:
    """A proof has one source, which is a question, a ledger, the rehearsal or the reason why there is none."""
    for chapter in rules.chapters:
        for proof in chapter.proofs:
            given = (proof.asks, proof.ledger, proof.rehearsed or None, proof.unknown_because)
            if sum(one is not None for one in given) != 1:
                yield f"chapter {chapter.id}: the proof {proof.id} needs one of asks, ledger, rehearsed, unknown_because"
            if (proof.statement is None) != (proof.asks is not None):
                yield f"chapter {chapter.id}: the proof {proof.id} needs a statement if it has no question, and none if it has one"
