"""What every e-mail provider does, and the two ways in which a sending ends without being sent for certain."""

from dataclasses import dataclass
from typing import Protocol

from lab.rules.model import Ability
from lab.services.mail.compose import Composed


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A message that the provider has accepted.

    Args:
        provider_id: What the provider calls it; empty where it gives no name.
    """

    provider_id: str


class Refused(Exception):
    """A message was surely not sent. Shows its code alone.

    Args:
        code: A short code for `delivery_jobs.error_class`, such as `smtp.5_1_1`.
        permanent: True when the same message will be refused again. What is wrong with the login or the account is not
            permanent: it is repaired without touching the job.
        retry_after_seconds: How long the provider asks to wait; None when it does not say.
    """

    def __init__(self, code: str, *, permanent: bool = False, retry_after_seconds: int | None = None) -> None:
        super().__init__(code)
        self.code, self.permanent, self.retry_after_seconds = code, permanent, retry_after_seconds


class Uncertain(Exception):
    """A message may have been sent. Shows its code alone.

    Args:
        code: A short code for `delivery_jobs.error_class`, such as `smtp.no_answer`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Provider(Protocol):
    """Where messages are handed over. One object can be used by several threads."""

    @property
    def name(self) -> str:
        """Return the provider's id in `lab/rules/providers.py`."""
        ...

    @property
    def ability(self) -> Ability:
        """Return what may be done after an `Uncertain`: idempotent, askable or blind."""
        ...

    @property
    def window_seconds(self) -> int | None:
        """Return for how long a key may be repeated, from its first use; None unless it is idempotent."""
        ...

    def send(self, composed: Composed, key: str) -> Sent:
        """Hand over a message.

        Args:
            composed: The message.
            key: The job's idempotency key; the same for every attempt to send the same message.

        Raises:
            Refused: It was surely not sent.
            Uncertain: It may have been sent.
        """
        ...
