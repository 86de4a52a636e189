"""What the arguments of the functions accept: values, ranges, forms and units. Values come from the rules."""

from dataclasses import dataclass

from lab.rules import RULES
from lab.rules.ai import LEASE_SECONDS
from lab.rules.forms import (
    ENVIRONMENT,
    PROVIDER_ID,
    RULES_VERSION,
    STRIPE_CHARGE,
    STRIPE_DISPUTE,
    STRIPE_EVENT,
    STRIPE_OBJECT,
    STRIPE_PAYMENT,
    STRIPE_REFUND,
    STRIPE_SESSION,
    STRIPE_VERSION,
    WORKER,
)
from lab.rules.model import Argument, Function

_CODE = "^[a-z][a-z0-9_.]{0,39}$"
_DAY = 86_400  # seconds


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What an argument accepts.

    Args:
        values: The only values; empty for any.
        least: The lowest number.
        most: The highest number.
        form: Regular expression that a text matches.
        unit: Unit of a number.
        words: What else is to be known, as a sentence.
    """

    values: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    form: str = ""
    unit: str = ""
    words: str = ""


def find_limit(function: Function, argument: Argument) -> Limit:
    """Return what an argument accepts; an empty limit when its type says all."""
    return LIMITS.get(f"{function.id}.{argument.name}") or LIMITS.get(argument.name) or Limit()


def may_be_null(argument: Argument) -> bool:
    """Tell whether null is a value with a meaning for an argument."""
    return argument.default == "null" or "null" in argument.description


def _column(table: str, name: str) -> Limit:
    return Limit(values=RULES.table(table).column(name).allowed)


def _ids(rules: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(str(vars(rule)["id"]) for rule in rules)


_SECONDS = Limit(least=1, most=3600, unit="seconds")
_JOBS = Limit(values=_ids(RULES.jobs))
_PAUSE = Limit(unit="seconds", words=f"Values above {_DAY} count as {_DAY}.")
_MINOR = Limit(unit="the currency's smallest unit, such as cents")
_HASH = Limit(words="32 bytes.")
_MODES = Limit(words="True for real money, false for test money.")
_LINK = Limit(words="The token itself, not its hash.")

LIMITS: dict[str, Limit] = {  # by argument, or by function and argument where they differ
    "action": Limit(values=RULES.table("consent_events").column("action").allowed),
    "record_audit_event.action": Limit(
        words="Two words and a dot, such as `export.handed_out`; none of the database's own actions."
    ),
    "actor_kind": _column("admin_audit_events", "actor_kind"),
    "address": Limit(words="3 to 254 bytes."),
    "begin_send.address": Limit(words="The address that `delivery_address` returned."),
    "amount_minor": Limit(least=1, unit="the currency's smallest unit, such as cents"),
    "api_version": Limit(form=STRIPE_VERSION),
    "buyer_kind": _column("purchases", "buyer_kind"),
    "channel": _JOBS,
    "channels": _JOBS,
    "switch_deliveries.channel": _column("delivery_switches", "channel"),
    "charge_id": Limit(form=STRIPE_CHARGE),
    "checkout_session_id": Limit(form=STRIPE_SESSION),
    "content_sha256": _HASH,
    "currency": Limit(values=_ids(RULES.currencies)),
    "decide_review.decision": _column("payment_reviews", "decision"),
    "decide_send.decision": Limit(values=("arrived", "send_again")),
    "details": Limit(words="A flat object. Keys and texts are codes of up to 40 characters."),
    "dispute_id": Limit(form=STRIPE_DISPUTE),
    "environment": Limit(form=ENVIRONMENT),
    "error_class": Limit(form=_CODE),
    "event_id": Limit(form=STRIPE_EVENT),
    "evidence": Limit(words="A JSON object of up to 2,000 bytes."),
    "failure_reason": _column("refunds", "failure_reason"),
    "job_ids": Limit(words="Up to 1,000."),
    "kind": _column("privacy_requests", "kind"),
    "lease_seconds": _SECONDS,
    "lease_ai_run.lease_seconds": Limit(least=1, most=LEASE_SECONDS, unit="seconds"),
    "latest": Limit(least=1),
    "ledger": _column("ledger_seals", "ledger"),
    "livemode": _MODES,
    "message": Limit(form="^[0-9a-f]{40}$"),
    "mode": _column("scheduled_runs", "mode"),
    "most": Limit(least=1, most=1000),
    "settle_consents.most": Limit(least=1, most=100_000),
    "seal_ledgers.most": Limit(least=0),
    "reap_delivery_leases.most": Limit(least=0),
    "object_id": Limit(form=STRIPE_OBJECT),
    "record_audit_event.object_id": Limit(words="A number, a uuid, a digest or a Stripe id of up to 80 characters."),
    "finish_stripe_event.outcome": Limit(values=("done", "ignored", "failed", "needs_review")),
    "finish_send.outcome": Limit(values=("sent", "refused", "uncertain")),
    "finish_scheduled_run.outcome": Limit(values=("done", "failed", "stopped")),
    "record_audit_event.outcome": _column("admin_audit_events", "outcome"),
    "output": Limit(words="A JSON object of up to 65,536 bytes, in the form that its layer has in `lab/rules/ai.py`."),
    "pause_seconds": _PAUSE,
    "payload": Limit(words="Only the keys in `lab/rules/stripe_payload.py`."),
    "payment_intent_id": Limit(form=STRIPE_PAYMENT),
    "provider": Limit(values=_ids(RULES.mail_providers)),
    "provider_code": Limit(form="^[0-9a-z._-]{1,24}$"),
    "provider_id": Limit(form=PROVIDER_ID),
    "purpose": _column("consent_events", "purpose"),
    "keep_delivery_link.purpose": _column("delivery_links", "purpose"),
    "quantity": Limit(least=1, most=100),
    "keep_bounce.reason": Limit(values=("hard_bounce", "complaint")),
    "record_refund.reason": _column("refunds", "reason"),
    "record_dispute.reason": _column("disputes", "reason"),
    "review_payment.reason": _column("payment_reviews", "reason"),
    "reason_code": Limit(words="A code of up to 40 characters, such as `cause_solved`. No text."),
    "received_minor": _MINOR,
    "refund_id": Limit(form=STRIPE_REFUND),
    "retry_after_seconds": _PAUSE,
    "rules_version": Limit(form=RULES_VERSION),
    "session_id": Limit(form=STRIPE_SESSION),
    "settle_purchase.state": Limit(values=("open", "processing", "paid", "failed", "expired")),
    "record_refund.status": _column("refunds", "status"),
    "record_dispute.status": _column("disputes", "status"),
    "subtotal_minor": _MINOR,
    "task": _column("scheduled_runs", "task"),
    "token": _LINK,
    "accept_gift.token": Limit(words="The token in the link of the invitation."),
    "write_ai_run.token": Limit(words="The token that `lease_ai_run` returned."),
    "token_sha256": _HASH,
    "type": Limit(words="One of Stripe's event types. Any other text is stored as `unknown`."),
    "valid_seconds": Limit(least=1, most=366 * _DAY, unit="seconds"),
    "worker": Limit(form=WORKER),
}
