"""Function bodies that are written from the rules: what a refund takes back, and which reviews lock a purchase."""

from collections.abc import Callable, Iterator

from lab.rules.derived import quote_array
from lab.rules.registry import Rules
from lab.rules.tables.money_back import LOCKING_REASONS


def take_back_body(rules: Rules) -> str:
    """Return the body that takes back what each layer lists, in the order of the layers."""
    return "begin\n" + "\n".join(_take_back(rules)) + "\nend"


def _take_back(rules: Rules) -> Iterator[str]:
    for layer in rules.layers:
        for part in layer.takes_back:
            yield (
                f"  -- {layer.id}: {part.why}\n"
                f"  update {part.table.qualified} t set {part.sets}\n   where {part.belongs} and {part.when};"
            )


def awaits_review_body(_: Rules) -> str:
    """Return the body that looks for an open review with one of the reasons that lock."""
    return (
        "begin\n  return exists (select from public.payment_reviews r\n"
        "                  where r.purchase_id = purchase and r.status = 'open'\n"
        f"                    and r.reason = any ({quote_array(LOCKING_REASONS)}));\nend"
    )


PAYMENT_BODIES: dict[str, Callable[[Rules], str]] = {"take_back": take_back_body, "awaits_review": awaits_review_body}
