"""The rules' names for people, by id. Pure."""

from collections.abc import Sequence

from lab.rules import RULES

CONSENT_TITLES = {consent.id: consent.title for consent in RULES.consents}
CHANNEL_TITLES = {channel.id: channel.title for channel in RULES.channels}
LAYER_TITLES = {layer.id: layer.title for layer in RULES.layers}


def name_source(source: str) -> str:
    """Name what needs a line of a plan, such as “channel email”."""
    kind, _, id_ = source.partition(" ")
    return {"channel": CHANNEL_TITLES, "layer": LAYER_TITLES}.get(kind, {}).get(id_, source)


def join_words(words: Sequence[str], last: str = "and") -> str:
    """Join words as a sentence does."""
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)
