"""Chance that repeats itself: the same seed gives the same draws on every machine."""

import random


def open_dice(seed: int) -> random.Random:
    """Return what draws by a seed."""
    return random.Random(seed)  # noqa: S311 (repeatable on purpose; nothing secret is drawn)
