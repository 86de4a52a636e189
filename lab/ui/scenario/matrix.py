"""The matrix of all layers and channels: each cell is a link to its scenario."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from lab.plan.make import Verdict
from lab.plan.matrix import Cell, make_matrix
from lab.plan.scenario import CHANNEL_IDS, LAYER_IDS, Scenario
from lab.ui.kit.caches import SCENARIOS_KEPT
from lab.ui.kit.titles import CHANNEL_TITLES, CONSENT_TITLES, LAYER_TITLES, join_words
from lab.ui.kit.url import write_query
from lab.ui.scenario.inputs import FIELDS, MEMORY, A, put_scenario, read_scenario, scenario_fields

FOLDER = Path(__file__).parent
NO_CHANNEL = "No channel"
_STATES = {Verdict.READY: "ready", Verdict.MISSING_CONSENT: "missing", Verdict.NOT_OFFERED: "refused"}
_UNBROKEN = "-\u2060"  # a hyphen after which no line ends
_MATRIX = st.components.v2.component(
    "scenario_matrix",
    html='<div class="matrix"></div>\n',
    css=(FOLDER / "matrix.css").read_text(encoding="utf-8"),
    js=(FOLDER / "matrix.js").read_text(encoding="utf-8"),
)


def draw_matrix(scenario: Scenario) -> None:
    """Draw the matrix with the consents and the what-ifs of a scenario, whose own cells are marked."""
    html = read_matrix(scenario.layer, scenario.channels, scenario.consents, scenario.what_if)
    with st.container(key="matrix"):
        _MATRIX(key=MEMORY.key("matrix"), data={"html": html}, on_pick_change=_open_cell)


@st.cache_data(show_spinner=False, max_entries=SCENARIOS_KEPT)
def read_matrix(layer: str, channels: tuple[str, ...], consents: tuple[str, ...], what_if: tuple[str, ...]) -> str:
    """Return the matrix of a scenario as HTML; it is the same for everybody."""
    scenario = Scenario(layer=layer, channels=channels, consents=consents, what_if=what_if)
    return write_matrix(make_matrix(consents, what_if), scenario)


def _open_cell() -> None:
    """Open the cell that was clicked: its layer and channel, with the consents and the what-ifs as they are."""
    layer, _, channel = str(MEMORY["matrix"].get("pick") or "").partition(" ")
    if layer in LAYER_IDS and channel in ("", *CHANNEL_IDS):
        channels = (channel,) if channel else ()
        put_scenario(A, read_scenario(A).model_copy(update={"layer": layer, "channels": channels}))


def write_matrix(rows: Sequence[Sequence[Cell]], scenario: Scenario) -> str:
    """Write the matrix as an HTML table."""
    heads = "".join(
        f'<th scope="col"><span>{escape(title)}</span></th>' for title in (NO_CHANNEL, *CHANNEL_TITLES.values())
    )
    body = "".join(
        f'<tr><th scope="row">{escape(LAYER_TITLES[row[0].scenario.layer])}</th>'
        f"{''.join(_write_cell(cell, _is_chosen(cell, scenario)) for cell in row)}</tr>"
        for row in rows
    )
    return (
        "<table><caption>All layers and channels. Select a cell to open its scenario.</caption>"
        f'<thead><tr><th scope="col"><span>Layer</span></th>{heads}</tr></thead><tbody>{body}</tbody></table>'
        f"{_LEGEND}"
    )


def _is_chosen(cell: Cell, scenario: Scenario) -> bool:
    inside = cell.channel in scenario.channels if cell.channel else not scenario.channels
    return cell.scenario.layer == scenario.layer and inside


def _write_cell(cell: Cell, chosen: bool) -> str:
    state, title = _STATES[cell.verdict], f"{LAYER_TITLES[cell.scenario.layer]}, {_name(cell)}"
    told = f"{title}: {describe_cell(cell)}"
    why = f' title="{escape(cell.why)}"' if cell.why else ""
    golden = '<b class="golden">golden case</b>' if cell.golden else ""
    return (
        f'<td class="{state}"><a href="?{escape(_write_link(cell.scenario))}" aria-label="{escape(told)}"'
        f' data-pick="{cell.scenario.layer} {cell.channel}"{why}'
        f"{' aria-current=true' if chosen else ''}>"
        f'<span><i class="mark {state}" aria-hidden="true"></i>'
        f'<span class="needs">{_write_needs(cell)}</span>{golden}</span>'
        "</a></td>"
    )


def _name(cell: Cell) -> str:
    return CHANNEL_TITLES[cell.channel] if cell.channel else NO_CHANNEL.lower()


def describe_cell(cell: Cell) -> str:
    """Say in words what a cell shows."""
    if cell.verdict is Verdict.NOT_OFFERED:
        return "not offered"
    needs = join_words([CONSENT_TITLES[id] for id in cell.needs])
    if cell.missing:
        return f"needs {needs}; missing: {join_words([CONSENT_TITLES[id] for id in cell.missing])}"
    golden = ", the golden case" if cell.golden else ""
    return f"ready, needs {needs}{golden}" if needs else f"ready, needs no consent{golden}"


def _write_needs(cell: Cell) -> str:
    if cell.verdict is Verdict.NOT_OFFERED:
        return ""
    if not cell.needs:
        return "<em>none</em>"
    titles = {id: escape(CONSENT_TITLES[id]).replace("-", _UNBROKEN) for id in cell.needs}
    return ", ".join(f"<strong>{title}</strong>" if id in cell.missing else title for id, title in titles.items())


def _write_link(scenario: Scenario) -> str:
    values = {field.name: field.start for field in FIELDS} | {
        "layer": scenario.layer,
        "channel": list(scenario.channels),
        "consent": list(scenario.consents),
        "what_if": list(scenario.what_if),
    }
    return urlencode(write_query(values, scenario_fields(A), whole=True), doseq=True)


_LEGEND = (
    '<ul aria-label="What the signs mean">'
    + "".join(
        f'<li><i class="mark {state}" aria-hidden="true"></i>{escape(words)}</li>'
        for state, words in (
            ("missing", "a consent is missing, set in bold"),
            ("ready", "every consent that it needs is given, or it needs none"),
            ("refused", "not offered"),
            ("golden", "the golden case"),
        )
    )
    + "</ul>"
)
