"""Rebuilds the path of a real order as a schedule for made-up people, or says why the rehearsal cannot play it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lab.rehearsal.faults import Fault
from lab.rehearsal.orders.orders import JobShape, OrderShape
from lab.rehearsal.play import CALM
from lab.rehearsal.schedules import ABILITIES
from lab.rehearsal.wishes import (
    Wish,
    combine,
    council,
    echo,
    gift,
    gift_accepted,
    passport,
    reading,
    recovery,
    refused,
    scroll,
    share_card,
)
from lab.rules import RULES, channels, consents
from lab.rules.providers import PROVIDERS

USUAL = (
    "payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed",
)  # fmt: skip
_BASES = {one.scenario.layer: one for one in (passport, council, echo, scroll, reading)}
_BESIDE = {channels.share_card.id: share_card, channels.recovery.id: recovery}
_LAYERS = {layer.id: layer.title for layer in RULES.layers}
_ASKS_FOR_MAIL = {job.id for job in RULES.jobs if consents.email_delivery in job.consents}
_FILES = (channels.pdf.id, channels.share_card.id)
_STATES = ("paid", "refunded", "disputed")
_SETTLED = ("done", "dead", "cancelled", "waiting")
MOST_FAILED = CALM - 1  # failed attempts of a job that one play shows


@dataclass(frozen=True, kw_only=True)
class Recast:
    """How an order is played.

    Args:
        wish: What its buyer asks for.
        consent: given, missing or withdrawn.
        abilities: What its e-mail provider can; every ability when none was called.
        faults: What went wrong on its way.
        notes: What is played otherwise than it was.
        reasons: Why it cannot be played; empty when it can.
    """

    wish: Wish
    consent: str
    abilities: tuple[str, ...]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]
    reasons: tuple[str, ...]


def recast(shape: OrderShape) -> Recast:
    """Return how an order is played with made-up people."""
    faults = {fault.point: fault for fault in _list_faults(shape)}
    return Recast(
        wish=find_wish_of(shape),
        consent=_find_consent(shape),
        abilities=_find_abilities(shape),
        faults=tuple(faults.values()),
        notes=tuple(_list_notes(shape)),
        reasons=tuple(_list_reasons(shape)),
    )


def find_wish_of(shape: OrderShape) -> Wish:
    """Return what the buyer of an order asked for: its layer, and what its jobs show beside it."""
    asked = {job.channel for job in shape.jobs}
    beside = [gift_accepted if shape.accepted else gift] if channels.gift.id in asked else []
    beside += [wish for channel, wish in _BESIDE.items() if channel in asked]
    if _find_consent(shape) == "missing":
        beside.append(refused)
    return combine(_BASES.get(shape.layer, reading), beside)


def list_expected(wish: Wish) -> tuple[str, ...]:
    """Return the jobs that a wish makes."""
    return tuple(f"{job.id}.{leg}" for job in RULES.jobs for leg in job.legs if job.id in wish.planned)


def _find_consent(shape: OrderShape) -> str:
    bound = [job for job in shape.jobs if job.channel in _ASKS_FOR_MAIL]
    if bound:  # it was given when they were queued
        return "given" if shape.email_consent or all(job.status != "cancelled" for job in bound) else "withdrawn"
    return "given" if shape.email_consent else "missing"


def _find_abilities(shape: OrderShape) -> tuple[str, ...]:
    called = {job.provider for job in shape.jobs if job.provider}
    return tuple(one.ability for one in PROVIDERS if one.id in called) or ABILITIES


def _list_reasons(shape: OrderShape) -> Iterator[str]:
    if shape.layer not in _BASES:
        yield f"It bought {_LAYERS.get(shape.layer, shape.layer)}. The rehearsal cannot play that."
    if shape.status not in _STATES:
        yield f"Its payment is {shape.status}. The rehearsal plays purchases that were paid."
    if shape.quantity != 1:
        yield f"It has {shape.quantity} pieces. The rehearsal plays one."
    if shape.for_another:
        yield "It was bought for another person. The rehearsal plays buyers who buy for themselves."
    others = sorted({job.name for job in shape.jobs} - set(list_expected(find_wish_of(shape))))
    if others:
        yield f"It has jobs that the rehearsal does not make: {', '.join(others)}."
    yield from _list_missing(shape)
    if len(_find_abilities(shape)) > 1 and any(job.provider for job in shape.jobs):
        yield "Its messages went to several kinds of e-mail provider. A rehearsal has one."
    yield from _list_reasons_after(shape)


def _list_missing(shape: OrderShape) -> Iterator[str]:
    names = [job.name for job in shape.jobs]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        yield f"Support has made these jobs again: {', '.join(repeated)}. The rehearsal makes each once."
    if missing := sorted(set(list_expected(find_wish_of(shape))) - set(names)):
        yield f"It has no job for {', '.join(missing)}. Its jobs were removed, or made in another way."
    if parked := [job.name for job in shape.jobs if job.status == "parked"]:
        yield f"An operator has parked {', '.join(parked)}. The rehearsal has no operator who parks."


def _list_reasons_after(shape: OrderShape) -> Iterator[str]:
    kinds = [kind for kind, _ in shape.after]
    for kind in ("review", "withdrawal"):
        if kind in kinds:
            yield f"It has a {kind}. The rehearsal does not play what people decide about one."
    if "refund" in kinds and "dispute" in kinds:
        yield "It was refunded and disputed. The rehearsal gives money back in one way."
    if {status for kind, status in shape.after if kind == "dispute"} - _DISPUTED:
        yield "The bank only asked about its payment. The rehearsal plays disputes, and no inquiries."
    if shape.status == "refunded" and _count_refunds(shape) > 1:
        yield "It was refunded in several parts. The rehearsal refunds the whole payment at once, or one part."


def _list_notes(shape: OrderShape) -> Iterator[str]:
    for job in shape.jobs:
        if len(job.failed) > MOST_FAILED:
            yield f"{job.name} failed {len(job.failed)} times; the first {MOST_FAILED} are played."
    if shape.status == "paid" and _count_refunds(shape) > 1:
        yield "It was refunded in several parts; one is played."
    if open_jobs := [job.name for job in shape.jobs if job.status not in _SETTLED]:
        yield f"Not finished yet: {', '.join(open_jobs)}. The rehearsal plays them to their end."
    if not shape.events:
        yield "No event of it could be read; the usual four are played."


def _list_faults(shape: OrderShape) -> Iterator[Fault]:
    crashed: set[int] = set()
    for job in shape.jobs:
        for number, fault in _list_job_faults(job):
            if fault.kind == "crash" and number in crashed:
                continue  # the same worker had this job in its hands, too
            crashed |= {number} if fault.kind == "crash" else set()
            yield fault
    yield from _list_event_faults(shape)
    if back := _find_money_back(shape):
        yield Fault(point=_find_end(shape), kind=back)
    if _find_consent(shape) == "withdrawn":
        first = next(job for job in shape.jobs if job.channel in _ASKS_FOR_MAIL and job.status == "cancelled")
        yield Fault(point=f"delivery_address/{first.name}/1/after", kind="withdrawn")


def _find_end(shape: OrderShape) -> str:
    """Return the point at which the money goes back: after the last delivery that was done."""
    cancelled = any(job.status == "cancelled" for job in shape.jobs)
    for job in reversed(shape.jobs):
        if job.leg == "email" and job.message:
            called = sum(outcome in _CALLED for _, outcome, _ in job.failed[:MOST_FAILED])
            return f"finish_send/{job.name}/{called + 1}/after"
        if job.channel in _FILES and job.status == "done":
            return f"{'put' if cancelled else 'oracle_artifacts'}/{job.name}/1/after"
    return "settle_purchase/page/2/after"


def _count_refunds(shape: OrderShape) -> int:
    return sum(kind == "refund" for kind, _ in shape.after)


def _find_money_back(shape: OrderShape) -> str | None:
    """Return the kind of fault by which money went back."""
    if ended := next((_ENDED[status] for kind, status in shape.after if kind == "dispute" and status in _ENDED), None):
        return ended
    if shape.status == "paid":
        return "refunded_in_part" if ("refund", "succeeded") in shape.after else None
    return shape.status if shape.status in _STATES else None


_ENDED = {"won": "dispute_won", "lost": "dispute_lost"}
_DISPUTED = {"needs_response", "under_review", *_ENDED}  # the others are inquiries, which move no money
_CALLED = ("transient", "permanent", "uncertain")


def _list_job_faults(job: JobShape) -> Iterator[tuple[int, Fault]]:
    """Yield the number of each failed attempt, and its fault at the call that it had come to."""
    calls: Counter[str] = Counter()
    for number, outcome, _ in job.failed[:MOST_FAILED]:
        if kind := _KINDS[job.leg].get(outcome):
            reached = ("put",) if job.leg == "account" else ("delivery_address", "send")
            if (kind, job.leg) == ("crash", "email"):
                reached = reached[:1]  # a crash during the send would end otherwise: uncertain
            calls.update(reached)
            side = "after" if kind in ("mail_lost", "crash") else "before"
            yield number, Fault(point=f"{reached[-1]}/{job.name}/{calls[reached[-1]]}/{side}", kind=kind)


_KINDS = {
    "email": {
        "transient": "mail_refused", "permanent": "mail_refused_for_good", "uncertain": "mail_lost",
        "lease_expired": "crash",
    },
    "account": {"transient": "disk_full", "lease_expired": "crash"},
}  # fmt: skip


def _list_event_faults(shape: OrderShape) -> Iterator[Fault]:
    """Yield what was unusual about the events: one that never came, came again, or came first."""
    came = [kind for kind, _, _ in shape.events if kind in USUAL]
    for kind, _, times in shape.events:
        if kind in USUAL and times > 1:
            yield Fault(point=f"{kind.replace('.', '_')}/webhook/1/after", kind="unanswered")
    if not came:
        return
    for kind in USUAL:
        if kind not in came:
            yield Fault(point=f"{kind.replace('.', '_')}/webhook/1/before", kind="dropped")
    if came[0] == USUAL[-1] and len(came) > 1:
        yield Fault(point=f"{USUAL[0].replace('.', '_')}/webhook/1/before", kind="reordered")
