"""The smallest changes that make a scenario ready. Pure."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, combinations

from lab.plan.lines import ChangeLine
from lab.plan.needs import SCENARIOS_KEPT, FixedPart, read_needs
from lab.rules import RULES

Option = tuple[tuple[str, ...], tuple[str, ...]]


@lru_cache(maxsize=8 * SCENARIOS_KEPT)
def find_changes(
    layer_id: str, channel_ids: tuple[str, ...], what_if: tuple[str, ...], missing: tuple[str, ...]
) -> tuple[ChangeLine, ...]:
    """Return every way to become ready that takes the fewest steps; asking for a consent comes first.

    Empty when no change of channels and consents helps.
    """
    fixed = read_needs(layer_id, channel_ids, what_if)
    if not all(refused.can_go for refused in fixed.refused):
        return ()
    possible = [option for give in _some(missing) if (option := _option(fixed, missing, give)) is not None]
    fewest = min(len(give) + len(drop) for give, drop in possible)
    best = [(give, drop) for give, drop in possible if len(give) + len(drop) == fewest]
    return tuple(write_change(fixed, give, drop) for give, drop in sorted(best, key=lambda option: len(option[1])))


def _some(ids: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    return chain.from_iterable(combinations(ids, count) for count in range(len(ids) + 1))


def _option(fixed: FixedPart, missing: tuple[str, ...], give: tuple[str, ...]) -> Option | None:
    """Return what to give and what to drop, or none when something that stays waits for what is not given."""
    left = [asked for asked in fixed.asked if asked.line.name in missing and asked.line.name not in give]
    if any(asked.stays for asked in left):
        return None
    waiting = {*(one.channel for one in fixed.refused), *(id for asked in left for id in asked.channels)}
    return give, tuple(channel.id for channel in RULES.channels if channel.id in waiting)


def write_change(fixed: FixedPart, give: tuple[str, ...], drop: tuple[str, ...]) -> ChangeLine:
    """Write a change with its reason."""
    steps = [*(f"give {id}" for id in give), *(f"drop {id}" for id in drop)]
    refused = {one.channel: one.line.why for one in fixed.refused}
    whys = [
        *(f"{consent.title}: “{consent.question}”" for consent in RULES.consents if consent.id in give),
        *(
            f"{channel.title} is not offered here."
            if channel.id in refused
            else f"{channel.title} waits for a consent that was not given."
            for channel in RULES.channels
            if channel.id in drop
        ),
    ]
    return ChangeLine(name=" and ".join(steps), why=" ".join(whys), give=give, drop=drop)
