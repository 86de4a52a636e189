"""Reads what goes wrong out of words such as “mail provider gone for 40 minutes, refunds meanwhile”."""

import re
from dataclasses import dataclass

from lab.rehearsal.faults import Fault
from lab.rehearsal.outage.figures import read_figures
from lab.rehearsal.outage.loads import KIND_BY_ID, OUTAGE_KINDS, OutageKind
from lab.rehearsal.play import CALM
from lab.rehearsal.schedules import Schedule

LONGEST = 300  # characters
MINUTES = 40  # of an outage whose length is not said
MAIL = r"\b(mail|e-?mail|smtp|provider|notice|receipt)"
_GONE = r"\b(gone|down|away|unreachable|refus\w*|outage|fails?|broken)\b"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_TIME = re.compile(r"\b(\d{1,5})\s*(s|m|h|d)(?:ec\w*|in\w*|our\w*|ay\w*)?\b")
_FILLING = re.compile(
    r"\b(meanwhile|for|while|and|then|the|a|an|of|is|are|in|at|same|time|during|buyers?|some|about)\b"
)


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """What people say, and the faults that it means.

    Args:
        example: How it can be said.
        pattern: What it is recognised by.
        kind: The kind of fault.
        points: Where it happens; `{n}` is the number of the attempt.
        lasts: Whether it happens at each attempt during the time that is named.
    """

    example: str
    pattern: str
    kind: str
    points: tuple[str, ...]
    lasts: bool = False


_SENDS = ("send/receipt.email/{n}/before", "send/email.email/{n}/before")
# In this order: the first that fits is taken.
PHRASES = (
    Phrase(
        example="webhook secret rotated",
        pattern=r"\bsecret\b.*\brotat",
        kind="secret_rotated",
        points=("checkout_session_completed/webhook/1/before",),
    ),
    Phrase(
        example="webhook secret replaced",
        pattern=r"\bsecret\b.*\b(replac|chang|new|wrong)",
        kind="secret_replaced",
        points=("checkout_session_completed/webhook/1/before",),
    ),
    Phrase(
        example="API key rolled",
        pattern=r"\bkey\b.*\b(roll|rotat)",
        kind="key_rolled",
        points=("stripe_get_checkout_sessions/page/1/before",),
    ),
    Phrase(
        example="API key replaced",
        pattern=r"\bkey\b.*\b(replac|chang|new|revok|expire)",
        kind="key_replaced",
        points=("stripe_get_checkout_sessions/page/1/before",),
    ),
    Phrase(
        example="clock of Stripe ahead",
        pattern=r"\bclock\b.*\bstripe|\bstripe\b.*\bclock",
        kind="stripe_ahead",
        points=("checkout_session_completed/webhook/1/before",),
    ),
    Phrase(
        example="clock ahead",
        pattern=r"\bclock\b.*\b(ahead|fast)",
        kind="clock_ahead",
        points=("checkout_session_completed/webhook/1/before",),
    ),
    Phrase(
        example="clock behind",
        pattern=r"\bclock\b.*\b(behind|slow|late)",
        kind="clock_behind",
        points=("checkout_session_completed/webhook/1/before",),
    ),
    Phrase(
        example="a new release is deployed",
        pattern=r"\b(releases?|deploy\w*|rollout|new rules?)\b",
        kind="deployed",
        points=("put/pdf.account/1/before",),
    ),
    Phrase(
        example="an old snapshot is held",
        pattern=r"\b(snapshot|long report|long transaction)\b",
        kind="old_snapshot",
        points=("put/pdf.account/1/before",),
    ),
    Phrase(
        example="pooler closes its connections",
        pattern=r"\b(pooler|pgbouncer)\b",
        kind="pooler_gone",
        points=("claim_delivery_jobs/worker/{n}/before",),
        lasts=True,
    ),
    Phrase(
        example="the answer of the mail provider is lost",
        pattern=rf"{MAIL}.*\b(lost|loses)|\banswer\b.*{MAIL}.*\blost",
        kind="mail_lost",
        points=("send/email.email/1/after",),
    ),
    Phrase(
        example="mail provider is silent",
        pattern=rf"{MAIL}.*\b(silent|slow|hangs?|no answer|does not answer|stuck)",
        kind="mail_silent",
        points=_SENDS,
        lasts=True,
    ),
    Phrase(
        example="address refused for good",
        pattern=r"\b(address|mailbox)\b.*\b(refused|gone|unknown|bounces?)",
        kind="mail_refused_for_good",
        points=("send/email.email/1/before",),
    ),
    Phrase(
        example="mail provider gone for 40 minutes",
        pattern=rf"{MAIL}.*{_GONE}",
        kind="mail_refused",
        points=_SENDS,
        lasts=True,
    ),
    Phrase(
        example="Stripe limits the rate",
        pattern=r"\bstripe\b.*\b(limits?|rate|slow)",
        kind="stripe_limit",
        points=("stripe_get_checkout_sessions/page/{n}/before",),
        lasts=True,
    ),
    Phrase(
        example="Stripe gone",
        pattern=rf"\bstripe\b.*{_GONE}",
        kind="stripe_down",
        points=("stripe_post_checkout_sessions/shop/{n}/before", "stripe_get_checkout_sessions/events/{n}/before"),
        lasts=True,
    ),
    Phrase(
        example="an event is lost",
        pattern=r"\b(events?|webhooks?)\b.*\b(lost|dropped|missing|gone|down)",
        kind="dropped",
        points=("checkout_session_completed/webhook/1/before",),
    ),
    Phrase(
        example="events out of order",
        pattern=r"\b(events?|webhooks?)\b.*\border",
        kind="reordered",
        points=("payment_intent_created/webhook/1/before",),
    ),
    Phrase(
        example="forged event",
        pattern=r"\bforged?\b|\bwrong signature",
        kind="forged",
        points=("charge_succeeded/webhook/1/before",),
    ),
    Phrase(
        example="database gone",
        pattern=rf"\b(database|postgres|db)\b.*({_GONE}|restart)",
        kind="gone",
        points=("claim_delivery_jobs/worker/{n}/before",),
        lasts=True,
    ),
    Phrase(
        example="deadlock",
        pattern=r"\bdeadlock",
        kind="deadlock",
        points=("complete_delivery_jobs/email.email/1/before",),
    ),
    Phrase(
        example="disk full", pattern=r"\bdisk\b", kind="disk_full", points=("put/pdf.account/{n}/before",), lasts=True
    ),
    Phrase(
        example="worker killed",
        pattern=r"\bworkers?\b.*\b(kill\w*|crash\w*|dies?|gone|down)",
        kind="crash",
        points=("begin_send/receipt.email/1/after",),
    ),
    Phrase(
        example="worker stands still",
        pattern=r"\bworkers?\b.*\b(still|hangs?|stuck|slow)",
        kind="taken",
        points=("put/pdf.account/1/after",),
    ),
    Phrase(
        example="shop killed",
        pattern=r"\b(shop|site|server|page)\b.*\b(kill\w*|crash\w*|dies?|gone|down)",
        kind="crash",
        points=("settle_purchase/page/2/before",),
    ),
    Phrase(
        example="a part refunded",
        pattern=r"\bpart.*\brefund|\brefund.*\bpart",
        kind="refunded_in_part",
        points=("put/pdf.account/1/after",),
    ),
    Phrase(example="refunds meanwhile", pattern=r"\brefund", kind="refunded", points=("put/pdf.account/1/before",)),
    Phrase(
        example="dispute won",
        pattern=r"(\bdisput|\bchargeback).*\bw[io]ns?\b",
        kind="dispute_won",
        points=("oracle_artifacts/pdf.account/1/after",),
    ),
    Phrase(
        example="dispute lost",
        pattern=r"(\bdisput|\bchargeback).*\blos[et]s?\b",
        kind="dispute_lost",
        points=("oracle_artifacts/pdf.account/1/after",),
    ),
    Phrase(
        example="payment disputed",
        pattern=r"\bdisput|\bchargeback",
        kind="disputed",
        points=("oracle_artifacts/pdf.account/1/after",),
    ),
    Phrase(
        example="consent withdrawn",
        pattern=r"\b(consent|withdraw\w*)\b",
        kind="withdrawn",
        points=("delivery_address/email.email/1/after",),
    ),
    Phrase(
        example="person erased",
        pattern=r"\b(eras|delet)",
        kind="erased",
        points=("delivery_address/receipt.email/1/after",),
    ),
    Phrase(
        example="operator stops deliveries",
        pattern=r"\bstop",
        kind="stopped",
        points=("claim_delivery_jobs/worker/1/after",),
    ),
    Phrase(
        example="database is a copy",
        pattern=r"\b(copy|copied|restored)\b",
        kind="copied",
        points=("purchases/site/1/after",),
    ),
    Phrase(
        example="a day passes",
        pattern=r"\blate\b|\bday passes",
        kind="late",
        points=("reap_delivery_leases/reaper/1/after",),
    ),
)


class NotUnderstood(ValueError):
    """Words that name no failure; says which."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What words mean.

    Args:
        schedule: The schedule.
        seconds: How long the outage lasts; None when the words do not say it.
        cut: Whether more attempts fail in that time than one play can show.
    """

    schedule: Schedule
    seconds: int | None
    cut: bool


def hear(text: str, ability: str = "blind") -> Heard:
    """Return what words mean.

    Raises:
        NotUnderstood: A part of them names no failure that can be played, or they are too long.
    """
    if len(text) > LONGEST:
        raise NotUnderstood(f"they are longer than {LONGEST} characters")
    seconds, faults, cut = _read_time(text.lower()), dict[str, Fault](), False
    for part in _split(text):
        phrase = _find_phrase(part)
        wanted = read_figures().count_attempts(seconds) if phrase.lasts and seconds else 1
        cut |= wanted > CALM - 1
        for number in range(1, min(wanted, CALM - 1) + 1):
            for point in phrase.points:
                faults.setdefault(point.format(n=number), Fault(point=point.format(n=number), kind=phrase.kind))
    return Heard(schedule=Schedule(ability=ability, faults=tuple(faults.values())), seconds=seconds, cut=cut)


def _read_time(text: str) -> int | None:
    found = _TIME.search(text)
    return int(found[1]) * _UNITS[found[2]] if found else None


def _split(text: str) -> list[str]:
    parts = re.split(r"[,;.]|\bwhile\b|\band\b|\bthen\b", text.lower())
    return [part for part in parts if _FILLING.sub("", _TIME.sub("", part)).strip()]


def _find_phrase(part: str) -> Phrase:
    found = next((phrase for phrase in PHRASES if re.search(phrase.pattern, part)), None)
    if found is None:
        raise NotUnderstood(f"“{' '.join(part.split())}” names no failure")
    return found


def hear_outage(text: str) -> tuple[OutageKind, int]:
    """Return the outage that can be forecast which words mean, and its minutes.

    Args:
        text: Words such as “mail provider gone for 40 minutes”, or the id of a kind of outage.

    Raises:
        NotUnderstood: They name no outage that can be forecast.
    """
    if text in KIND_BY_ID:
        return KIND_BY_ID[text], MINUTES
    heard = hear(text)
    kinds = {fault.kind for fault in heard.schedule.faults}
    found = next((kind for kind in OUTAGE_KINDS if (kind.fault or "crash") in kinds), None)
    if found is None:
        titles = "; ".join(kind.title for kind in OUTAGE_KINDS)
        raise NotUnderstood(f"they name no outage that can be forecast, which are: {titles}")
    return found, max(1, round(heard.seconds / 60)) if heard.seconds else MINUTES
