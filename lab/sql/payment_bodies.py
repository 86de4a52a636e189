"""Function bodies about payments that are written from the rules: states that count, and what a refund takes back."""

from collections.abc import Callable, Iterator

from lab.rules.derived import quote_array
from lab.rules.model import TakeBack
from lab.rules.registry import Rules
from lab.rules.tables.money_back import (
    DISPUTE_LOCKS,
    DISPUTE_STATES,
    LOCKING_REASONS,
    REFUND_COUNTS,
    REFUND_STATES,
)


def refunded_minor_body(_: Rules) -> str:
    """Return the body that adds up the refunds whose state counts."""
    counted = f"r.purchase_id = purchase and r.status = any ({quote_array(REFUND_COUNTS)})"
    return f"begin\n  return (select coalesce(sum(r.amount_minor), 0) from public.refunds r where {counted});\nend"


def is_disputed_body(_: Rules) -> str:
    """Return the body that looks for a dispute that locks."""
    return _exists("disputes d", f"d.purchase_id = purchase and d.status = any ({quote_array(DISPUTE_LOCKS)})")


def awaits_review_body(_: Rules) -> str:
    """Return the body that looks for an open review with one of the reasons that lock."""
    wanted = f"r.purchase_id = purchase and r.status = 'open' and r.reason = any ({quote_array(LOCKING_REASONS)})"
    return _exists("payment_reviews r", wanted)


def _exists(rows: str, condition: str) -> str:
    return f"begin\n  return exists (select from public.{rows}\n                  where {condition});\nend"


def take_back_body(rules: Rules) -> str:
    """Return the body that takes back what each layer lists, in the order of the layers."""
    return "begin\n" + "\n".join(_take_back(rules)) + "\nend"


def give_back_body(rules: Rules) -> str:
    """Return the body that gives back what each layer lists, and writes one line of the audit trail about it."""
    parts = [part for layer in rules.layers for part in layer.takes_back if part.returns_sets]
    return _GIVE_BACK.format(updates="\n".join(map(_give_back, parts)))


def _give_back(part: TakeBack) -> str:
    return (
        f"  update {part.table.qualified} t set {part.returns_sets}\n"
        f"   where {part.belongs} and {part.returns_when};\n"
        "  get diagnostics given = row_count;\n"
        "  total := total + given;"
    )


_GIVE_BACK = """declare
  given bigint;
  total bigint := 0;
begin
{updates}
  if total > 0 then
    perform public.record_audit_event('server', 'purchase.given_back', 'purchases', purchase::text, 'done',
                                      jsonb_build_object('rows', total));
  end if;
end"""


def _take_back(rules: Rules) -> Iterator[str]:
    for layer in rules.layers:
        for part in layer.takes_back:
            yield (
                f"  -- {layer.id}: {part.why}\n"
                f"  update {part.table.qualified} t set {part.sets}\n   where {part.belongs} and {part.when};"
            )


def _record_body(kind: str, states: tuple[str, ...], last: str) -> str:
    """Return the body that records a refund or a dispute.

    Args:
        kind: `refund` or `dispute`.
        states: Its states in their order.
        last: The column that only this kind has.
    """
    return _RECORD.format(kind=kind, states=quote_array(states), last=last)


_RECORD = """-- A state that comes before the one that is stored is an older message, and changes nothing.
#variable_conflict use_column
declare
  states text[] := {states};
  purchase public.purchases;
begin
  select p.* into purchase
    from public.purchases p
   where p.payment_intent_id = record_{kind}.payment_intent_id
     for update;
  if not found then
    return 'unknown';
  end if;
  if purchase.paid_at is null then
    return 'unpaid';
  end if;
  insert into public.{kind}s as t
         (id, purchase_id, charge_id, amount_minor, currency, status, reason, {last}, stripe_created_at)
  values (record_{kind}.{kind}_id, purchase.id, record_{kind}.charge_id, record_{kind}.amount_minor,
          record_{kind}.currency, record_{kind}.status, record_{kind}.reason, record_{kind}.{last},
          record_{kind}.stripe_created_at)
      on conflict (id) do update
     set status = excluded.status, reason = coalesce(excluded.reason, t.reason),
         {last} = coalesce(excluded.{last}, t.{last})
   where t.purchase_id = excluded.purchase_id
     and array_position(states, excluded.status) > array_position(states, t.status);
  return case when found then 'recorded' else 'repeated' end;
end"""

PAYMENT_BODIES: dict[str, Callable[[Rules], str]] = {
    "refunded_minor": refunded_minor_body,
    "is_disputed": is_disputed_body,
    "awaits_review": awaits_review_body,
    "take_back": take_back_body,
    "give_back": give_back_body,
    "record_refund": lambda _: _record_body("refund", REFUND_STATES, "failure_reason"),
    "record_dispute": lambda _: _record_body("dispute", DISPUTE_STATES, "evidence_due_at"),
}
