"""What the pages say of the right of withdrawal of a purchase. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lab.rules.withdrawal import PERIOD


@dataclass(frozen=True, kw_only=True)
class Right:
    """The right of withdrawal of a purchase, in words.

    Args:
        text: What holds now.
        open: True while the buyer can take a step.
        document: The kind of document that the buyer can download; None when there is none.
    """

    text: str
    open: bool = False
    document: str | None = None


def explain_right(row: Mapping[str, Any]) -> Right | None:
    """Return the words for a row of `read_right`; None when nothing was paid, or everything was returned."""
    if row["confirmed_at"]:
        told = f"You withdrew on {_write(row['confirmed_at'])}. You get the payment back within {PERIOD.days} days."
        return Right(text=told, document="withdrawal")
    if not row["paid"] or row["status"] == "refunded":
        return None
    if row["waived"] and row["status"] == "paid" and not row["unlocked"]:
        return Right(text="You can withdraw until the delivery begins.", open=True, document="waiver")
    if row["waived"]:
        return Right(text="You gave up your right of withdrawal before you paid.", document="waiver")
    if row["withdraw_until"] is None:
        return Right(text="This purchase has no right of withdrawal.")
    if row["over"]:
        return Right(text=f"The period for a withdrawal ended on {_write(row['withdraw_until'])}.")
    return Right(text=f"You can withdraw until {_write(row['withdraw_until'])}. You need no reason.", open=True)


def _write(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
