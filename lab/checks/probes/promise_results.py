"""The results of the promises: whether each held when the probes tried to break it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from lab.access.matrix import name_identity
from lab.checks.probes.report import ProbeResult, ProbeRun
from lab.rules import RULES
from lab.rules.promises import access

SHOWN = 4  # failures shown for a promise; the findings name all of them


class PromiseResult(BaseModel):
    """A promise of the product, and whether it held when it was tried."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    state: Literal["held", "broken", "unknown", "not tried"]
    seen: str = Field(description="What was seen, or why it is unknown.")


def list_promise_results(report: ProbeRun | None = None) -> tuple[PromiseResult, ...]:
    """Return every promise with its result, the most important first; an untried one is never `held`."""
    results = report.results if report else ()
    known = {promise.id: promise.title for promise in RULES.promises}
    found = {r.id: r.title for r in results if r.id not in known}  # failures without a promise of their own
    told = [_make_result(id_, title, [r for r in results if r.id == id_]) for id_, title in (known | found).items()]
    return tuple(_doubt(one) if report and report.unknown and one.id == access.id else one for one in told)


def _doubt(result: PromiseResult) -> PromiseResult:
    """Make a promise about all objects unknown if not everything could be tried."""
    if result.state != "held":
        return result
    seen = f"{result.seen}; not everything could be tried"
    return result.model_copy(update={"state": "unknown", "seen": seen})


def _make_result(id: str, title: str, results: Sequence[ProbeResult]) -> PromiseResult:
    broken = [result for result in results if result.state == "differs"]
    unknown = [result for result in results if result.state == "unknown"]
    if broken or unknown:
        state: Literal["broken", "unknown"] = "broken" if broken else "unknown"
        return PromiseResult(id=id, title=title, state=state, seen="; ".join(_name(broken or unknown)))
    if not results:
        return PromiseResult(id=id, title=title, state="not tried", seen="")
    return PromiseResult(id=id, title=title, state="held", seen=_sum_up(results))


def _name(results: Sequence[ProbeResult]) -> Iterator[str]:
    """Yield each kind of failure once, with identity, place and count."""
    told = Counter(f"{name_identity(r.identity)}{_place(r)}: {r.seen}" for r in results)
    for words, count in list(told.items())[:SHOWN]:
        yield f"{words}{_say_often(count)}"
    if len(told) > SHOWN:
        yield f"and {len(told) - SHOWN} more"


def _say_often(count: int) -> str:
    return {1: "", 2: ", twice"}.get(count, f", {count} times")


def _place(result: ProbeResult) -> str:
    where = result.subject.partition("(")[0].removeprefix("public.")
    return f", {where}" if result.owner else f", {result.command} on {where}"


def _sum_up(results: Sequence[ProbeResult]) -> str:
    tries = f"{len(results):,} tries" if len(results) > 1 else "one try"
    refused = sum(result.refused for result in results)
    if refused == len(results):
        return f"{tries}, all refused" if refused > 1 else f"{tries}, refused"
    if len({result.seen for result in results}) == 1:
        return f"{tries}: {results[0].seen}"
    return f"{tries}: {refused:,} refused, {len(results) - refused:,} accepted as expected"
