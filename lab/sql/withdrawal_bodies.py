"""Function bodies about the right of withdrawal that are written from the rules: who has it, for how long, for what."""

from collections.abc import Callable
from datetime import timedelta

from lab.rules.derived import quote_array
from lab.rules.registry import Rules
from lab.rules.withdrawal import ENTITLED, PERIOD, ZONES


def delivered_at_once_body(rules: Rules) -> str:
    """Return the body that looks up whether the layer of a link is offered for delivery at once."""
    layers = quote_array(tuple(sorted({offer.layer.id for offer in rules.offers if offer.delivered == "at_once"})))
    return (
        "begin\n  return exists (select from public.purchase_links l\n"
        "                  join public.products p on p.id = l.product_id\n"
        f"                 where l.id = is_delivered_at_once.purchase_link_id and p.layer = any ({layers}));\nend"
    )


def withdrawal_deadline_body(_: Rules) -> str:
    """Return the body that adds the period to the day of the contract, up to the end of a working day.

    Source: Directive 2011/83/EU, article 9, and Regulation (EEC, Euratom) No 1182/71, article 3: the day of the
    contract does not count, and a period that ends on a Saturday or Sunday lasts until the end of Monday. National
    holidays are not known here.
    """
    return f"""-- The contract's day is that where it is latest; the last day ends where it ends last.
declare
  last_day date := ((paid_at at time zone 'UTC') + {_interval(ZONES)})::date + {PERIOD.days};
begin
  last_day := last_day + case extract(isodow from last_day) when 6 then 2 when 7 then 1 else 0 end;
  return ((last_day + 1)::timestamp + {_interval(ZONES)}) at time zone 'UTC';
end"""


def _interval(length: timedelta) -> str:
    return f"interval '{int(length.total_seconds() // 3600)} hours'"


def withdrawal_end_body(_: Rules) -> str:
    """Return the body that gives an entitled buyer the window, unless a waiver was confirmed."""
    return f"""begin
  if withdrawal_end.paid_at is null
     or withdrawal_end.buyer_kind <> all ({quote_array(ENTITLED)})
     or exists (select from public.withdrawal_documents d
                 where d.purchase_id = withdrawal_end.purchase and d.kind = 'waiver') then
    return null;
  end if;
  return wall.withdrawal_deadline(withdrawal_end.paid_at);
end"""


WITHDRAWAL_BODIES: dict[str, Callable[[Rules], str]] = {
    "is_delivered_at_once": delivered_at_once_body,
    "withdrawal_deadline": withdrawal_deadline_body,
    "withdrawal_end": withdrawal_end_body,
}
