"""Mistakes in the program: each function does what one of the product does, and gets one thing wrong."""

import contextlib
import dataclasses
from typing import Any

from lab.rehearsal.outside import Files
from lab.services.billing.signature import verify_signature
from lab.services.delivery import artifacts
from lab.services.delivery.claims import begin_send, complete_job, finish_send, read_address
from lab.services.delivery.messages import compose_message
from lab.services.delivery.outcome import JobFailed
from lab.services.delivery.site import read_rules_version
from lab.services.demo_shop import bought
from lab.services.files.store import StoreFault, name_file
from lab.services.mail import Composed, Refused, Sent, Uncertain
from lab.services.mail.compose import compose


def complete_first(site: Any, connection: Any, job: Any) -> str:
    """Complete a job, and then do it."""
    state = complete_job(connection, job)
    with contextlib.suppress(JobFailed):
        artifacts.MAKERS[job.channel](site, connection, job)
    return state


class _Later:
    """A store that keeps nothing before it is told to."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self._given: list[tuple[bytes, str, str]] = []

    def put(self, content: bytes, suffix: str, owner: str) -> str:
        """Return the name under which a file will be kept."""
        kept = dict(self._store.kept)
        reach, self._store.reach = self._store.reach, lambda *_: None
        name = str(self._store.put(content, suffix, owner))
        self._store.reach, self._store.kept = reach, kept
        self._given.append((content, suffix, owner))
        return name

    def get(self, name: str) -> bytes:
        """Say that a file is there."""
        return b""

    def keep(self) -> None:
        """Keep what was given."""
        for content, suffix, owner in self._given:
            self._store.put(content, suffix, owner)


def write_last(site: Any, connection: Any, job: Any) -> str:
    """Write a file when its job is completed."""
    store = _Later(site.store)
    artifacts.MAKERS[job.channel](dataclasses.replace(site, store=store), connection, job)
    state = complete_job(connection, job)
    store.keep()
    return state


def _begin(site: Any, connection: Any, job: Any, message: Any, to: str) -> str:
    return begin_send(
        connection, job, environment=site.environment, provider=site.provider.name, to=to, sha256=message.sha256,
        rules=read_rules_version(),
    )  # fmt: skip


def send_first(site: Any, connection: Any, job: Any) -> str:
    """Send, and then record the intent."""
    to = read_address(connection, job) or ""
    message = compose_message(site, connection, job, to)
    site.provider.send(message, job.key)
    _begin(site, connection, job, message, to)
    return finish_send(connection, job, "sent")


def finish_first(site: Any, connection: Any, job: Any) -> str:
    """Record the result, and then send."""
    to = read_address(connection, job) or ""
    message = compose_message(site, connection, job, to)
    if _begin(site, connection, job, message, to) != "send":
        raise JobFailed("withheld", permanent=True)
    state = finish_send(connection, job, "sent")
    with contextlib.suppress(Refused, Uncertain):
        site.provider.send(message, job.key)
    return state


def send_and(on_refused: str, on_uncertain: str, key: str = "{job.key}") -> Any:
    """Return how a message is sent when a refusal and a silence count as these results."""

    def call(site: Any, connection: Any, job: Any, message: Any) -> str:
        try:
            sent: Sent = site.provider.send(message, key.format(job=job))
        except Refused:
            return finish_send(connection, job, on_refused, code="smtp.refused")
        except Uncertain:
            return finish_send(connection, job, on_uncertain, code="smtp.no_answer")
        return finish_send(connection, job, "sent", provider_id=sent.provider_id or None)

    return call


def send_copy(site: Any, connection: Any, job: Any, message: Any) -> str:
    """Send a message, and then once more to somebody else."""
    state = str(send_and("refused", "uncertain")(site, connection, job, message))
    with contextlib.suppress(Refused, Uncertain):
        site.provider.send(message, f"{job.key}.copy")
    return state


def believe(body: bytes, header: str, secrets: Any) -> int:
    """Read the time of a header, and verify nothing."""
    return int(header.partition("t=")[2].partition(",")[0])


def verify_first(body: bytes, header: str, secrets: Any) -> int:
    """Verify the first signature of a header alone."""
    first = ",".join(header.split(",")[:2])
    return verify_signature(body, first, secrets)


def compose_with_words(*given: Any, **named: Any) -> Any:
    """Compose a message that quotes the question."""
    made: Composed = compose(*given, **named)
    return dataclasses.replace(made, raw=made.raw + bought.QUESTION.encode())


class CarelessFiles(Files):
    """A store that takes a failure for a success."""

    def put(self, content: bytes, suffix: str, owner: str) -> str:
        """Keep a file, or not."""
        with contextlib.suppress(StoreFault):
            return super().put(content, suffix, owner)
        return name_file(content, suffix, owner)

    def get(self, name: str) -> bytes:
        """Say that every file is there."""
        return self.kept.get(name, b"")
