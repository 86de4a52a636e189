"""The inputs of a scenario: they stand on the page itself, on a phone, too."""

import streamlit as st

from lab.plan.scenario import CHANNEL_IDS, CONSENT_IDS, LAYER_IDS, WHAT_IF_IDS, Scenario
from lab.rules import RULES
from lab.ui.kit.titles import CHANNEL_TITLES, CONSENT_TITLES, LAYER_TITLES, WHAT_IF_TITLES
from lab.ui.kit.url import SWITCH, Field
from lab.ui.navigation import LAB

VIEWS = {**{view: view for view in ("Needs", "Consents", "Risks", "Flow", "SQL")}, "Person": "What the person sees"}
A, B = "", "b_"
HEADINGS = ("Scenario A", "Scenario B")
MEMORY = LAB.memory


def scenario_fields(side: str) -> tuple[Field, ...]:
    """Return the fields of one scenario; those of the second begin with b_."""
    return (
        Field(name=f"{side}layer", kind="layer", options=LAYER_IDS, default="artifacts", leads=not side),
        Field(name=f"{side}channel", kind="channel", options=CHANNEL_IDS, many=True),
        Field(name=f"{side}consent", kind="consent", options=CONSENT_IDS, many=True),
        Field(name=f"{side}what_if", kind="what-if", options=WHAT_IF_IDS, many=True),
    )


FIELDS = (
    *scenario_fields(A),
    Field(name="compare", kind="compare", options=SWITCH, default="off"),
    *scenario_fields(B),
    Field(name="view", kind="view", options=tuple(VIEWS), default="Needs"),
)


def list_sides() -> tuple[str, ...]:
    """Return the scenarios that are shown: one, or two side by side."""
    return (A, B) if MEMORY.get("compare") else (A,)


def draw_scenarios() -> None:
    """Draw the inputs of each scenario; of two side by side with their names."""
    sides = list_sides()
    if len(sides) == 1:
        with st.container(key="inputs"):
            _draw_inputs(A)
        return
    for column, side, heading in zip(st.columns(2), sides, HEADINGS, strict=True):
        with column:
            st.markdown(f"### {heading}")
            _draw_inputs(side)


def _draw_inputs(side: str) -> None:
    picked = st.pills(
        "Layer", LAYER_IDS, format_func=LAYER_TITLES.__getitem__, required=True, wrap=True,
        key=MEMORY.key(f"{side}layer"),
    )  # fmt: skip
    layer = picked or "artifacts"  # a rerun may bring no value
    offered = [channel.id for channel in RULES.layer(layer).channels]
    others = [CHANNEL_TITLES[id] for id in CHANNEL_IDS if id not in offered]
    st.pills(
        "Delivery channels",
        sorted(CHANNEL_IDS, key=lambda id: id not in offered),
        format_func=lambda id: CHANNEL_TITLES[id] if id in offered else f":gray[{CHANNEL_TITLES[id]}]",
        selection_mode="multi",
        wrap=True,
        help=f"Not offered for {LAYER_TITLES[layer]}: {', '.join(others)}." if others else None,
        key=MEMORY.key(f"{side}channel"),
    )
    st.pills(
        "Consents given", CONSENT_IDS, format_func=CONSENT_TITLES.__getitem__, selection_mode="multi", wrap=True,
        key=MEMORY.key(f"{side}consent"),
    )  # fmt: skip
    st.pills(
        "What if", WHAT_IF_IDS, format_func=WHAT_IF_TITLES.__getitem__, selection_mode="multi", wrap=True,
        key=MEMORY.key(f"{side}what_if"),
    )  # fmt: skip


def read_scenario(side: str) -> Scenario:
    """Return what the inputs of a side hold, before they are drawn."""
    layer, channels, consents, what_if = (MEMORY.get(field.name) or field.start for field in scenario_fields(side))
    return Scenario(layer=layer, channels=channels, consents=consents, what_if=what_if)


def put_scenario(side: str, scenario: Scenario) -> None:
    """Put a scenario into the inputs; for callbacks, which run before the inputs are drawn."""
    MEMORY[f"{side}layer"] = scenario.layer
    MEMORY[f"{side}channel"] = list(scenario.channels)
    MEMORY[f"{side}consent"] = list(scenario.consents)
    MEMORY[f"{side}what_if"] = list(scenario.what_if)


def start_comparison() -> None:
    """Begin the second scenario as a copy of the first."""
    if MEMORY.get("compare"):
        put_scenario(B, read_scenario(A))  # a session that begins anew holds none of them yet
