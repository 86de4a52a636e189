"""Laws of the product: layers, channels, jobs, answers and variables match each other."""

import re
from collections.abc import Iterator

from lab.rules.laws.law import columns_of
from lab.rules.model import Offer, OperatorAct, Waiting
from lab.rules.registry import Rules
from lab.rules.roles import oracle_operator
from lab.rules.tables.commerce import UNLOCK_ROUTE


def answers_fit_their_layers(rules: Rules) -> Iterator[str]:
    """Each answer is for an existing layer, each layer of AI runs has an answer, and its keys are named once."""
    known = {layer.id for layer in rules.layers}
    for answer in rules.answers:
        names = [part.name for part in answer.parts]
        if answer.id not in known:
            yield f"answer {answer.id}: there is no layer of that id"
        yield from (f"answer {answer.id}: names {name} twice" for name in sorted(set(names)) if names.count(name) > 1)
    allowed = rules.table("ai_runs").column("layer").allowed
    for layer in sorted(set(allowed) ^ {answer.id for answer in rules.answers}):
        yield f"public.ai_runs.layer: {layer} has no answer in lab/rules/ai.py, or has one but is not allowed here"


def circumstances_change_scenarios(rules: Rules) -> Iterator[str]:
    """Each circumstance says where it comes from and since when, changes what a scenario needs, and names listed parts."""
    listed = set(map(id, (*rules.layers, *rules.channels)))
    for one in rules.circumstances:
        changes = (one.tables, one.consents, one.env, one.risks, one.channels, one.refuses, one.voids_consents)
        if not any(changes):
            yield f"circumstance {one.id}: changes nothing; say what it brings, refuses or voids, or delete it"
        if not (one.source and one.date):
            yield f"circumstance {one.id}: has no source or no date; name the source, and the day from which it applies"
        named = (*(need.channel for need in one.channels), *(refusal.part for refusal in one.refuses))
        yield from (f"circumstance {one.id}: {part.id} is not listed" for part in named if id(part) not in listed)


def examples_fit_their_form(rules: Rules) -> Iterator[str]:
    """Every variable's example has the variable's form, and no secret has a public prefix."""
    for variable in rules.env:
        if not re.fullmatch(variable.form, variable.example):
            yield f"variable {variable.id}: its example does not match its form"
        if variable.secret and variable.id.startswith("NEXT_PUBLIC_"):
            yield f"variable {variable.id}: is secret, but its name makes it public"


def jobs_and_channels_agree(rules: Rules) -> Iterator[str]:
    """A channel needs exactly the consents that its job needs, and both have the same id."""
    for channel in rules.channels:
        if channel.job is None:
            continue
        declared = {need.consent.id for need in channel.consents}
        needed = {consent.id for consent in channel.job.consents}
        if declared != needed:
            yield f"channel {channel.id}: needs {sorted(declared)}, but its job needs {sorted(needed)}"
        if channel.job.id != channel.id:
            yield f"channel {channel.id}: its job is called {channel.job.id}; give both the same id"


def refunds_are_answered(rules: Rules) -> Iterator[str]:
    """Every layer that is sold says what a refund takes back, or what its buyer keeps."""
    sold = rules.table("products").column("layer").allowed
    answered = {layer.id for layer in rules.layers if layer.takes_back or layer.keeps}
    silent = {layer.id for layer in rules.layers} & set(sold) - answered
    yield from (f"layer {id}: says nothing about refunds; give it takes_back or keeps" for id in sorted(silent))
    for layer in rules.layers:
        for part in layer.takes_back:
            if part.table.id not in {need.table.id for channel in (layer, *layer.channels) for need in channel.tables}:
                yield f"layer {layer.id}: takes back of {part.table.qualified}, which it does not use"
            if bool(part.stays) == bool(part.returns_when and part.returns_sets):
                yield (
                    f"layer {layer.id}: says nothing about {part.table.qualified} after a failed refund; give it"
                    " returns_when with returns_sets, or stays"
                )


def sold_layers_exist(rules: Rules) -> Iterator[str]:
    """Every layer that products and AI runs name exists."""
    known = {layer.id for layer in rules.layers}
    for table, column in columns_of(rules):
        if column.name == "layer":
            yield from (f"{table.qualified}.layer: there is no layer {id}" for id in column.allowed if id not in known)


def offers_fit_their_tables(rules: Rules) -> Iterator[str]:
    """Every offer can be kept in products and purchase_links, and its amount can be paid in its currency."""
    for offer in rules.offers:
        yield from (f"offer {offer.id}: {fault}" for fault in _offer_faults(rules, offer))


def _offer_faults(rules: Rules, offer: Offer) -> Iterator[str]:
    products, links = rules.table("products"), rules.table("purchase_links")
    if not any(layer is offer.layer for layer in rules.layers):
        yield f"the layer {offer.layer.id} is not in LAYERS"
    if offer.layer.id not in products.column("layer").allowed:
        yield f"products.layer does not allow {offer.layer.id}"
    if offer.title not in products.column("title").allowed:
        yield f"products.title does not allow {offer.title}"
    if not re.fullmatch(UNLOCK_ROUTE, offer.unlock_route):
        yield f"the unlock route {offer.unlock_route} does not match {UNLOCK_ROUTE}"
    steps = {currency.id: currency.step for currency in rules.currencies}
    if offer.currency not in set(steps).intersection(links.column("currency").allowed):
        yield f"the shop does not accept the currency {offer.currency}"
    elif offer.amount_minor % steps[offer.currency]:
        yield f"{offer.amount_minor} is not a multiple of {steps[offer.currency]}, the step of {offer.currency}"


def operators_can_act(rules: Rules) -> Iterator[str]:
    """What waits for a person has listed acts or a command, and an operator may call the function of each act."""
    functions = {function.id for function in rules.functions}
    for act in (*rules.operator_acts, *rules.delivery_acts):
        if act.function and act.function.id not in functions:
            yield f"act {act.id}: the function {act.function.qualified} is not in FUNCTIONS"
        if act.function and oracle_operator not in act.function.execute:
            yield f"act {act.id}: {oracle_operator.id} may not call {act.function.qualified}"
    yield from _waiting_without_acts(rules.waiting, rules.operator_acts)
    yield from _waiting_without_acts(rules.delivery_waiting, rules.delivery_acts)
    known = {waiting.id for waiting in rules.waiting}
    for reason in rules.table("payment_reviews").column("reason").allowed:
        if reason not in known:
            yield f"public.payment_reviews.reason: {reason} is not in WAITING"


def _waiting_without_acts(kinds: tuple[Waiting, ...], acts: tuple[OperatorAct, ...]) -> Iterator[str]:
    listed = {act.id for act in acts}
    for waiting in kinds:
        if not waiting.acts and not waiting.command:
            yield f"waiting {waiting.id}: an operator can do nothing about it; give it acts, or a command"
        yield from (f"waiting {waiting.id}: {act.id} is not listed" for act in waiting.acts if act.id not in listed)
