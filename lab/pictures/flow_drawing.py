"""Draws the flow of a plan as a graph: visitor, tables, consent gates, jobs, channels and receivers."""

from itertools import pairwise
from typing import Literal

from graphviz import Digraph

from lab.pictures.cards import delivery_card, gate_label, group_card, job_card, layer_card, plain_card, refused_card
from lab.pictures.flow import Delivery, Flow, Gate
from lab.pictures.markup import FONT, bold, font, label
from lab.pictures.palette import Palette, Tone
from lab.rules.model import PrivacyClass

Direction = Literal["across", "down"]

PAYMENT = "Stripe confirms what was paid."
NOTHING = "No channel was chosen, so nothing leaves the database."


def draw_flow(flow: Flow, palette: Palette, direction: Direction) -> str:
    """Return a flow as DOT text.

    Args:
        flow: What to show.
        palette: The colours.
        direction: across, from left to right; or down, for narrow screens.
    """
    graph = _frame(palette, direction)
    _add_database(graph, flow, palette)
    _add_arrivals(graph, flow, palette)
    _add_ways(graph, flow, palette)
    _add_refusals(graph, flow, palette)
    return str(graph.source)


def _frame(palette: Palette, direction: Direction) -> Digraph:
    across = {"rankdir": "LR", "nodesep": "0.2", "ranksep": "0.38"}
    gaps = across if direction == "across" else {"rankdir": "TB", "nodesep": "0.16", "ranksep": "0.5"}
    graph = Digraph("flow")
    graph.attr("graph", bgcolor=palette.page, pad="0.1", compound="true", fontname=FONT, **gaps)
    graph.attr("node", shape="plain", fontname=FONT, fontsize="12", fontcolor=palette.ink)
    words = {"fontname": FONT, "fontsize": "10", "fontcolor": palette.muted}
    graph.attr("edge", color=palette.line, arrowsize="0.7", penwidth="1.4", **words)
    return graph


def _add_database(graph: Digraph, flow: Flow, palette: Palette) -> None:
    """Add the visitor, and the groups of tables inside the database."""
    graph.node("visitor", label(layer_card(flow.layer, palette)))
    title = label(font(bold("Kept in the database"), palette.muted, 11))
    with graph.subgraph(name="cluster_database") as database:
        database.attr("graph", label=title, style="rounded", color=palette.line, margin="9")
        for group in flow.groups:
            database.node(_group(group.privacy), label(group_card(group, palette)))


def _add_arrivals(graph: Digraph, flow: Flow, palette: Palette) -> None:
    """Add the inputs of the database: the visitor's, through the layer's gates, and the payment."""
    into = {"head_name": _group(flow.groups[len(flow.groups) // 2].privacy), "lhead": "cluster_database"}
    for gate in flow.layer_gates:
        name = f"layer gate {gate.consent.id}"
        _add_gate(graph, name, gate, palette)
        graph.edge("visitor", name, color=palette.accent.line)
        graph.edge(name, **into, **_line(_gate_tone(gate, palette), gate.state == "given"))
    if not flow.layer_gates:
        graph.edge("visitor", **into, color=palette.accent.line)
    if flow.paid:
        graph.node("payment", label(plain_card("Payment", PAYMENT, palette)))
        graph.edge("payment", **into)


def _add_ways(graph: Digraph, flow: Flow, palette: Palette) -> None:
    for delivery in flow.deliveries:
        _add_channel(graph, flow, delivery, palette)
        _add_receivers(graph, delivery, palette)
    if not flow.deliveries and not flow.refused:
        graph.node("nothing", label(plain_card("Nothing leaves", NOTHING, palette)))
        last = _group(flow.groups[-1].privacy)
        graph.edge(last, "nothing", ltail="cluster_database", style="dotted", arrowhead="none")


def _add_channel(graph: Digraph, flow: Flow, delivery: Delivery, palette: Palette) -> None:
    """Add the edges from the groups through the gates and the job to the channel."""
    gates = {f"gate {delivery.channel.id} {gate.consent.id}": gate for gate in delivery.gates}
    jobs = {f"job {delivery.channel.id}": job for job in (delivery.channel.job,) if job}
    channel = f"channel {delivery.channel.id}"
    for name, gate in gates.items():
        _add_gate(graph, name, gate, palette)
    for name, job in jobs.items():
        graph.node(name, label(job_card(job, palette)))
    graph.node(channel, label(delivery_card(delivery, _delivery_tone(delivery, palette), palette)))
    stops = (*gates, *jobs, channel)
    passes = all(gate.state == "given" for gate in flow.layer_gates)
    for privacy in delivery.groups:
        graph.edge(_group(privacy), stops[0], **_line(palette.classes[privacy], passes))
    for start, end in pairwise(stops):
        passes = passes and (start not in gates or gates[start].state == "given")
        graph.edge(start, end, **_line(palette.given if passes else palette.missing, passes))


def _add_receivers(graph: Digraph, delivery: Delivery, palette: Palette) -> None:
    """Add the edges from the channel to its receivers; an e-mail leg may have a gate of its own."""
    passes = delivery.state != "waits for consent"
    after = _line(palette.given if passes else palette.missing, passes)
    for receiver in delivery.receivers:
        start, look, name = f"channel {delivery.channel.id}", after, f"receiver {receiver.words}"
        graph.node(name, label(plain_card(receiver.words, "", palette)))
        for gate in delivery.email_gates if receiver.by_email else ():
            stop = f"gate {delivery.channel.id} {gate.consent.id}"
            _add_gate(graph, stop, gate, palette)
            graph.edge(start, stop, **after)
            start, look = stop, after if gate.state == "given" else _line(_gate_tone(gate, palette), False)
        graph.edge(start, name, **look)


def _add_refusals(graph: Digraph, flow: Flow, palette: Palette) -> None:
    last = _group(flow.groups[-1].privacy)
    for channel in flow.refused:
        graph.node(f"refused {channel.id}", label(refused_card(channel, flow.layer, palette)))
        graph.edge(last, f"refused {channel.id}", style="invis", minlen="2")


def _add_gate(graph: Digraph, name: str, gate: Gate, palette: Palette) -> None:
    tone = _gate_tone(gate, palette)
    looks = {"shape": "hexagon", "style": "filled", "fillcolor": tone.fill, "color": tone.line, "margin": "0.02,0.02"}
    shut = {"peripheries": "2"} if gate.state == "missing" else {}
    graph.node(name, label(gate_label(gate.consent.title, _gate_words(gate), tone)), **looks, **shut, penwidth="1.6")


def _group(privacy: PrivacyClass) -> str:
    """Return the node name of a group of tables."""
    return f"group {privacy.value}"


def _gate_words(gate: Gate) -> str:
    return {"given": "open: given", "missing": "closed: missing"}.get(gate.state, gate.state)


def _gate_tone(gate: Gate, palette: Palette) -> Tone:
    return {"given": palette.given, "missing": palette.missing}.get(gate.state, palette.waiting)


def _delivery_tone(delivery: Delivery, palette: Palette) -> Tone:
    return {"may leave": palette.given, "waits for consent": palette.missing}.get(delivery.state, palette.waiting)


def _line(tone: Tone, passes: bool) -> dict[str, str]:
    """Return the style of a line: solid if content may pass, dashed if it waits."""
    return {"color": tone.line} if passes else {"color": tone.line, "style": "dashed", "arrowhead": "onormal"}
