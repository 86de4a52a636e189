"""The boxes of a flow: each is a small table of words on a coloured surface."""

import textwrap

from lab.pictures.flow import Delivery, TableGroup, private_word
from lab.pictures.markup import bold, cell, chip, font, row, struck, table, text, wrapped
from lab.pictures.palette import Palette, Tone
from lab.rules.model import Channel, Job, Layer, PrivacyClass, Table


def card(rows: list[str], line: str, palette: Palette, style: str = "rounded") -> str:
    """Return a bordered box of rows."""
    looks = {"border": "1", "cellborder": "0", "cellspacing": "0", "cellpadding": "5"}
    return table(rows, **looks, style=style, color=line, bgcolor=palette.card)


def layer_card(layer: Layer, palette: Palette) -> str:
    """Return the box of what the visitor chose."""
    tone = palette.accent
    head = row(cell(chip(f"Visitor: {layer.title}", tone, 11), align="left"))
    return card([head, _words(layer.description, 24, palette.ink)], tone.line, palette)


def plain_card(title: str, words: str, palette: Palette) -> str:
    """Return a plain box: a title and, if there are any, words."""
    lines = wrapped(words, 22) if words else ""
    return card([_titled(title, lines, palette)], palette.line, palette)


def group_card(group: TableGroup, palette: Palette) -> str:
    """Return the box of the tables whose most private fields share a class."""
    tone = palette.classes[group.privacy]
    head = row(cell(chip(private_word(group.privacy).upper(), tone), align="left"))
    behind = [_words("Behind the tables of this plan:", 34, palette.muted)] if group.behind else []
    rows = [_group_row(group, kept, palette) for kept in group.tables]
    return card([head, *behind, *rows], tone.line, palette, "rounded,dashed" if group.behind else "rounded")


def _group_row(group: TableGroup, kept: Table, palette: Palette) -> str:
    name = font(bold(kept.id), palette.ink, 11)
    if group.privacy is PrivacyClass.OPERATIONAL:
        return row(cell(name, align="left", cellpadding="3"))
    fields = font(wrapped(", ".join(group.fields(kept)), 32), palette.classes[group.privacy].ink, 11)
    return row(cell(f'{name}<BR ALIGN="LEFT"/>{fields}', align="left", balign="left", cellpadding="4"))


def job_card(job: Job, palette: Palette) -> str:
    """Return the box of a tracked job."""
    words = wrapped(f"tracked job, at most {job.max_attempts} attempts", 20)
    return card([_titled(job.title, words, palette)], palette.line, palette)


def delivery_card(delivery: Delivery, tone: Tone, palette: Palette) -> str:
    """Return the box of a chosen channel, with what leaves through it."""
    head = row(cell(font(bold(delivery.channel.title), palette.ink, 13), align="left"))
    state = row(cell(chip(delivery.state, tone), align="left", cellpadding="3"))
    return card([head, state, _words(delivery.channel.leaves, 30, palette.ink)], tone.line, palette)


def refused_card(channel: Channel, layer: Layer, palette: Palette) -> str:
    """Return the box of a channel that the layer does not have."""
    head = row(cell(font(struck(channel.title), palette.muted, 13), align="left"))
    state = row(cell(chip("not offered", palette.missing), align="left", cellpadding="3"))
    words = _words(f"{layer.title} has no such channel.", 30, palette.muted)
    return card([head, state, words], palette.missing.line, palette, "rounded,dashed")


def gate_label(title: str, state: str, tone: Tone) -> str:
    """Return the words inside a consent gate."""
    small = font(text("consent"), tone.ink, 9)
    words = font("<BR/>".join(text(line) for line in textwrap.wrap(title, 16)), tone.ink, 11)
    return f"{small}<BR/><B>{words}</B><BR/>{font(text(state), tone.ink, 10)}"


def _titled(title: str, lines: str, palette: Palette) -> str:
    head = font(bold(title), palette.ink, 12)
    words = f'<BR ALIGN="LEFT"/>{font(lines, palette.muted, 11)}' if lines else ""
    return row(cell(f"{head}{words}", align="left", balign="left", cellpadding="6"))


def _words(words: str, width: int, colour: str) -> str:
    return row(cell(font(wrapped(words, width), colour, 11), align="left", balign="left"))
