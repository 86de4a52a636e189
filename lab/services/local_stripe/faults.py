"""Faults on demand: each of a kind, for a number of times, and for what it matches."""

from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

Kind = Literal[
    "drop", "duplicate", "delay", "reorder", "old_timestamp", "wrong_secret",  # a delivery
    "error", "timeout", "lose_response",  # a call of the API
    "not_generated",  # an event
]  # fmt: skip
KINDS: tuple[str, ...] = get_args(Kind)
API_KINDS = ("error", "timeout", "lose_response")


class WrongFault(ValueError):
    """A fault is described wrongly; says how."""


@dataclass(kw_only=True)
class Fault:
    """Goes wrong when it is next met.

    Args:
        kind: `drop` loses an attempt to deliver, and the schedule tries again. `duplicate` delivers twice. `delay`
            waits for `seconds`. `reorder` lets the next event overtake. `old_timestamp` signs as of `seconds` ago.
            `wrong_secret` signs with another secret. `error` answers a call with `status` and does no work. `timeout`
            answers after `seconds`. `lose_response` does the work and closes the connection. `not_generated` makes no
            event.
        match: A pattern of the event's type, such as `charge.*`, or for a call of its method and path, such as
            `POST /v1/refunds*`.
        times: How often; 0 for always.
        status: Of an `error`; 500 is kept for its idempotency key, as Stripe does, and any other is not.
        seconds: Of `delay`, `old_timestamp` and `timeout`.
    """

    kind: Kind
    match: str = "*"
    times: int = 1
    status: int = 500
    seconds: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what is not one.

        Raises:
            WrongFault: A value is not allowed.
        """
        if self.kind not in KINDS:
            raise WrongFault(f"kind must be one of {', '.join(KINDS)}")
        if self.times < 0 or not 0 <= self.seconds <= 86_400 or not 400 <= self.status <= 599:
            raise WrongFault("times from 0, seconds from 0 to 86400, status from 400 to 599")
        self.left = self.times


def read_fault(fields: dict[str, Any]) -> Fault:
    """Return the fault that a form or JSON describes.

    Raises:
        WrongFault: A field is unknown, or its value is not allowed.
    """
    types: dict[str, type] = {"kind": str, "match": str, "times": int, "status": int, "seconds": float}
    try:
        return Fault(**{name: types[name](value) for name, value in fields.items()})
    except KeyError as error:
        raise WrongFault(f"unknown field {error}; a fault has {', '.join(types)}") from None
    except TypeError:
        raise WrongFault("kind is missing") from None
    except ValueError as error:
        raise error if isinstance(error, WrongFault) else WrongFault("a number is not one") from None


class Faults:
    """The faults that wait. Whoever holds the store's lock may use them."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let a fault happen, after those of its kind that wait already."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """Forget all faults."""
        self._waiting.clear()

    def take(self, kind: str, subject: str) -> Fault | None:
        """Return the fault of a kind that happens now, and count it.

        Args:
            kind: One of `KINDS`.
            subject: An event's type, or a method and path.
        """
        found = next((one for one in self._waiting if one.kind == kind and fnmatchcase(subject, one.match)), None)
        if found and found.times:
            found.left -= 1
            if not found.left:
                self._waiting.remove(found)
        return found

    def describe(self) -> list[dict[str, Any]]:
        """Return the faults that wait, each with how often it is left; 0 for always."""
        return [{**asdict(one), "left": one.left} for one in self._waiting]
