"""The inputs of a scenario."""

import streamlit as st

from lab.plan.scenario import CHANNEL_IDS, CONSENT_IDS, LAYER_IDS, Scenario
from lab.rules import RULES
from lab.ui.kit.titles import CHANNEL_TITLES, CONSENT_TITLES, LAYER_TITLES
from lab.ui.kit.url import SWITCH, Field
from lab.ui.navigation import LAB

VIEWS = ("Overview", "Tables", "Jobs", "Environment", "RLS", "Consents", "Risks", "Prices", "Flow", "SQL", "Rules")
A, B = "", "b_"
MEMORY = LAB.memory


def scenario_fields(side: str) -> tuple[Field, ...]:
    """Return the fields of one scenario; those of the second begin with b_."""
    return (
        Field(name=f"{side}layer", kind="layer", options=LAYER_IDS, default="artifacts", leads=not side),
        Field(name=f"{side}channel", kind="channel", options=CHANNEL_IDS, many=True),
        Field(name=f"{side}consent", kind="consent", options=CONSENT_IDS, many=True),
    )


FIELDS = (
    *scenario_fields(A),
    Field(name="compare", kind="compare", options=SWITCH, default="off"),
    *scenario_fields(B),
    Field(name="view", kind="view", options=VIEWS, default="Overview"),
)


def draw_scenario_inputs(side: str, heading: str) -> Scenario:
    """Draw the three inputs of one scenario, below a heading if it has one, and return what they hold."""
    if heading:
        st.subheader(heading, anchor=False)
    layer = st.selectbox("Layer", LAYER_IDS, format_func=LAYER_TITLES.__getitem__, key=MEMORY.key(f"{side}layer"))
    offered = [channel.id for channel in RULES.layer(layer).channels]
    channels = st.pills(
        "Delivery channels",
        sorted(CHANNEL_IDS, key=lambda id: id not in offered),
        format_func=CHANNEL_TITLES.__getitem__,
        selection_mode="multi",
        key=MEMORY.key(f"{side}channel"),
    )
    others = [CHANNEL_TITLES[id] for id in CHANNEL_IDS if id not in offered]
    if others:
        st.caption(f"Not offered for {LAYER_TITLES[layer]}: {', '.join(others)}.")
    consents = st.pills(
        "Consents given", CONSENT_IDS, format_func=CONSENT_TITLES.__getitem__, selection_mode="multi",
        key=MEMORY.key(f"{side}consent"),
    )  # fmt: skip
    return Scenario(layer=layer, channels=tuple(channels), consents=tuple(consents))


def put_scenario(side: str, scenario: Scenario) -> None:
    """Put a scenario into the inputs; for callbacks, which run before the inputs are drawn."""
    MEMORY[f"{side}layer"] = scenario.layer
    MEMORY[f"{side}channel"] = list(scenario.channels)
    MEMORY[f"{side}consent"] = list(scenario.consents)


def start_comparison() -> None:
    """Begin the second scenario as a copy of the first."""
    if MEMORY.get("compare"):
        for field in scenario_fields(A):  # a session that begins anew holds none of them yet
            MEMORY[f"{B}{field.name}"] = MEMORY.get(field.name, field.start)
