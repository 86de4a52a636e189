"""The rules' names for people, by id. Pure."""

from collections.abc import Sequence

from lab.rules import RULES

CONSENT_TITLES = {consent.id: consent.title for consent in RULES.consents}
CHANNEL_TITLES = {channel.id: channel.title for channel in RULES.channels}
LAYER_TITLES = {layer.id: layer.title for layer in RULES.layers}
WHAT_IF_TITLES = {one.id: one.title for one in RULES.circumstances}


def name_source(source: str) -> str:
    """Name what needs a line of a plan, such as “channel email”."""
    kind, _, id_ = source.partition(" ")
    titles = {"channel": CHANNEL_TITLES, "layer": LAYER_TITLES, "circumstance": WHAT_IF_TITLES}
    return titles.get(kind, {}).get(id_, source)


def write_name(title: str, id_: str) -> str:
    """Write a name for people with its id after it, in gray, as Markdown."""
    return f"{title} :gray[`{id_}`]"


def join_words(words: Sequence[str], last: str = "and") -> str:
    """Join words as a sentence does."""
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)
