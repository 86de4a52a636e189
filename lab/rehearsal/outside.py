"""The outside of a rehearsal: Stripe, the e-mail provider and the files, in memory, so that they can be put back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe

from lab.rehearsal.connection import Reach
from lab.rehearsal.faults import FILES, MAIL, STRIPE
from lab.rules import providers
from lab.services.documents import Reading, Rendered, Renderer
from lab.services.files.store import FileGone, name_file
from lab.services.local_stripe.api import Api
from lab.services.local_stripe.calls import Call
from lab.services.mail import Composed, Sent


class StripeInMemory(stripe.HTTPClient):
    """The stock client's way to Stripe, answered in this process."""

    name = "rehearsal"

    def __init__(self, api: Api, reach: Reach) -> None:
        super().__init__()
        self._api, self._reach = api, reach
        self.sent: list[str] = []

    def request(
        self, method: str, url: str, headers: Any, post_data: Any = None, *, _usage: list[str] | None = None
    ) -> tuple[str, int, Any]:
        """Answer a call; the process may end before and after it."""
        parts = urlsplit(url)
        call = f"stripe_{method}_{'_'.join(p for p in parts.path.split('/')[2:] if not _is_id(p))}"
        self._reach(STRIPE, call, "before")
        pairs = parse_qsl(parts.query, keep_blank_values=True) + parse_qsl(post_data or "", keep_blank_values=True)
        self.sent.append(f"{url} {post_data or ''}")
        named = {name.lower(): value for name, value in headers.items()}
        answer = self._api.answer(Call(method=method.upper(), path=parts.path, headers=named, pairs=pairs))
        self._reach(STRIPE, call, "after")
        return answer.body.decode(), answer.status, answer.headers

    def _sleep_time_seconds(self, *_: Any, **__: Any) -> float:
        return 0.0

    def close(self) -> None:
        """Hold nothing open."""


def _is_id(part: str) -> bool:
    return "_" in part and any(sign.isdigit() for sign in part)


@dataclass(frozen=True)
class Letter:
    """A message that has reached its person's mailbox."""

    key: str
    to: str = field(repr=False)
    raw: bytes = field(repr=False)


@dataclass
class Post:
    """An e-mail provider that keeps what it took.

    Args:
        reach: Called before and after each message.
        note: Called with the key of each message that is taken.
        ability: blind as SMTP, or idempotent as Resend.
    """

    reach: Reach
    note: Callable[[str], None]
    ability: Any = "blind"
    letters: list[Letter] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Return the provider of the rules that has this ability."""
        return next(one.id for one in providers.PROVIDERS if one.ability == self.ability)

    @property
    def window_seconds(self) -> int | None:
        """Return for how long a key may be repeated."""
        return next(one.window_seconds for one in providers.PROVIDERS if one.ability == self.ability)

    def send(self, composed: Composed, key: str) -> Sent:
        """Take a message; an idempotent provider takes a key once."""
        self.reach(MAIL, "send", "before")
        if self.ability == "blind" or all(letter.key != key for letter in self.letters):
            self.letters.append(Letter(key, composed.to, composed.raw))
            self.note(key)
        self.reach(MAIL, "send", "after")
        return Sent(provider_id="")


@dataclass
class Files:
    """A store of files in memory."""

    reach: Reach
    kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, content: bytes, suffix: str, owner: str) -> str:
        """Keep a file."""
        self.reach(FILES, "put", "before")
        self.kept[name := name_file(content, suffix, owner)] = content
        self.reach(FILES, "put", "after")
        return name

    def get(self, name: str) -> bytes:
        """Return a file's content."""
        if name not in self.kept:
            raise FileGone
        return self.kept[name]

    def delete(self, name: str) -> None:
        """Delete a file."""
        self.reach(FILES, "delete", "before")
        self.kept.pop(name, None)
        self.reach(FILES, "delete", "after")

    def check(self) -> None:
        """Find nothing wrong: memory has no other reader."""


class RenderedOnce(Renderer):
    """Renders each reading once: the same reading gives the same bytes, whatever happens around it."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[tuple[Any, ...], Rendered] = {}

    def render_pdf(self, reading: Reading) -> Rendered:
        """Return the file of a reading, with the reference of the first one that had its words."""
        key = (reading.question, reading.answer, reading.language)
        if key not in self._made:
            self._made[key] = super().render_pdf(reading)
        return self._made[key]
