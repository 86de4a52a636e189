"""The flow of a plan as a graph: visitor, tables, consent gates, jobs, channels, and who receives what leaves."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

from lab.pictures.cards import gate_label, job_card, layer_card, plain_card, refused_card, shelf_card, way_card
from lab.pictures.flow import Flow, Gate, Way
from lab.pictures.markup import FONT, bold, edge, font, node, quoted
from lab.pictures.palette import Palette, Tone

Direction = Literal["across", "down"]

PAYMENT = "Stripe confirms what was paid."
NOTHING = "No channel was chosen: everything stays where it is kept."


def draw_flow(flow: Flow, palette: Palette, direction: Direction) -> str:
    """Return a flow as DOT text.

    Args:
        flow: What to show.
        palette: The colours.
        direction: across, from left to right; or down, for narrow screens.
    """
    parts = (_frame(palette, direction), _kept(flow, palette), _ways(flow, palette), _refused(flow, palette))
    lines = dict.fromkeys(line for part in parts for line in part)
    return "\n".join((*lines, "}")) + "\n"


def _frame(palette: Palette, direction: Direction) -> Iterator[str]:
    gaps = "rankdir=LR nodesep=0.2 ranksep=0.38" if direction == "across" else "rankdir=TB nodesep=0.16 ranksep=0.5"
    yield "digraph flow {"
    yield f"  graph [{gaps} bgcolor={quoted(palette.page)} pad=0.1 compound=true fontname={FONT}];"
    yield f"  node [shape=plain fontname={FONT} fontsize=12 fontcolor={quoted(palette.ink)}];"
    words = f"fontname={FONT} fontsize=10 fontcolor={quoted(palette.muted)}"
    yield f"  edge [{words} color={quoted(palette.line)} arrowsize=0.7 penwidth=1.4];"


def _kept(flow: Flow, palette: Palette) -> Iterator[str]:
    """Yield what comes in, and the shelves inside the database."""
    yield node("visitor", layer_card(flow.layer, palette))
    title = font(bold("Kept in the database"), palette.muted, 11)
    yield f"  subgraph cluster_database {{ graph [label=<{title}> style=rounded color={quoted(palette.line)} margin=9];"
    for shelf in flow.shelves:
        yield node(f"shelf {shelf.privacy.value}", shelf_card(shelf, palette))
    yield "  } // database"
    yield from _coming_in(flow, palette)


def _coming_in(flow: Flow, palette: Palette) -> Iterator[str]:
    middle = quoted(f"shelf {flow.shelves[len(flow.shelves) // 2].privacy.value}")
    for gate in flow.layer_gates:
        name = f"layer gate {gate.consent.id}"
        yield _gate(name, gate, palette)
        yield edge(quoted("visitor"), quoted(name), color=palette.accent.line)
        yield edge(
            quoted(name), middle, lhead="cluster_database", **_line(_gate_tone(gate, palette), gate.state == "given")
        )
    if not flow.layer_gates:
        yield edge(quoted("visitor"), middle, lhead="cluster_database", color=palette.accent.line)
    if flow.paid:
        yield node("payment", plain_card("Payment", PAYMENT, palette))
        yield edge(quoted("payment"), middle, lhead="cluster_database")


def _ways(flow: Flow, palette: Palette) -> Iterator[str]:
    for way in flow.ways:
        yield from _to_channel(flow, way, palette)
        yield from _to_receivers(way, palette)
    if not flow.ways and not flow.refused:
        yield node("nothing", plain_card("Nothing leaves", NOTHING, palette))
        last = quoted(f"shelf {flow.shelves[-1].privacy.value}")
        yield edge(last, quoted("nothing"), ltail="cluster_database", style="dotted", arrowhead="none")


def _to_channel(flow: Flow, way: Way, palette: Palette) -> Iterator[str]:
    """Yield the way from the shelves through the gates and the job to the channel."""
    gates = {f"gate {way.channel.id} {gate.consent.id}": gate for gate in way.gates}
    jobs = {f"job {way.channel.id}": job for job in (way.channel.job,) if job}
    channel = f"channel {way.channel.id}"
    yield from (_gate(name, gate, palette) for name, gate in gates.items())
    yield from (node(name, job_card(job, palette)) for name, job in jobs.items())
    yield node(channel, way_card(way, _way_tone(way, palette), palette))
    stops = (*gates, *jobs, channel)
    passes = all(gate.state == "given" for gate in flow.layer_gates)
    for privacy in way.shelves:
        look = _line(palette.classes[privacy], passes)
        yield edge(quoted(f"shelf {privacy.value}"), quoted(stops[0]), **look)
    for start, end in pairwise(stops):
        passes = passes and (start not in gates or gates[start].state == "given")
        yield edge(quoted(start), quoted(end), **_line(palette.given if passes else palette.missing, passes))


def _to_receivers(way: Way, palette: Palette) -> Iterator[str]:
    """Yield the way from the channel to whoever receives it; an e-mail leg may wait at a gate of its own."""
    passes = way.state != "waits for consent"
    after = _line(palette.given if passes else palette.missing, passes)
    for receiver in way.receivers:
        start, look = f"channel {way.channel.id}", after
        yield node(f"receiver {receiver.words}", plain_card(receiver.words, "", palette))
        for gate in way.email_gates if receiver.by_email else ():
            name = f"gate {way.channel.id} {gate.consent.id}"
            yield _gate(name, gate, palette)
            yield edge(quoted(start), quoted(name), **after)
            start, look = name, after if gate.state == "given" else _line(_gate_tone(gate, palette), False)
        yield edge(quoted(start), quoted(f"receiver {receiver.words}"), **look)


def _refused(flow: Flow, palette: Palette) -> Iterator[str]:
    last = quoted(f"shelf {flow.shelves[-1].privacy.value}")
    for channel in flow.refused:
        yield node(f"refused {channel.id}", refused_card(channel, flow.layer, palette))
        yield edge(last, quoted(f"refused {channel.id}"), style="invis", minlen="2")


def _gate(name: str, gate: Gate, palette: Palette) -> str:
    tone = _gate_tone(gate, palette)
    shut = {"peripheries": "2", "penwidth": "1.6"} if gate.state == "missing" else {"penwidth": "1.6"}
    looks = {"shape": "hexagon", "style": "filled", "fillcolor": tone.fill, "color": tone.line, "margin": "0.02,0.02"}
    return node(name, gate_label(gate.consent.title, _gate_words(gate), tone), **looks, **shut)


def _gate_words(gate: Gate) -> str:
    return {"given": "open: given", "missing": "closed: missing"}.get(gate.state, gate.state)


def _gate_tone(gate: Gate, palette: Palette) -> Tone:
    return {"given": palette.given, "missing": palette.missing}.get(gate.state, palette.waiting)


def _way_tone(way: Way, palette: Palette) -> Tone:
    return {"may leave": palette.given, "waits for consent": palette.missing}.get(way.state, palette.waiting)


def _line(tone: Tone, passes: bool) -> dict[str, str]:
    """Return how a line looks: unbroken where something passes, dashed where it waits."""
    return {"color": tone.line} if passes else {"color": tone.line, "style": "dashed", "arrowhead": "onormal"}
