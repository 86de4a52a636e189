"""SQL and pictures: slow to make, and the same for everybody."""

from typing import Literal

import streamlit as st

from lab.plan.make import make_plan
from lab.plan.scenario import Scenario

Theme = Literal["light", "dark"]
SCENARIOS_KEPT = 256


def read_theme() -> Theme:
    """Return the browser's theme; light before it is known."""
    return "dark" if st.context.theme.type == "dark" else "light"


@st.cache_data(show_spinner=False, max_entries=SCENARIOS_KEPT)
def read_scenario_sql(layer: str, channels: tuple[str, ...], what_if: tuple[str, ...]) -> str:
    """Return a scenario's SQL; consents change nothing in it."""
    from lab.sql import scenario_sql

    return scenario_sql(make_plan(Scenario(layer=layer, channels=channels, what_if=what_if)))


@st.cache_data(show_spinner=False, max_entries=64)
def read_table_sql(table_id: str) -> str:
    """Return one table's SQL."""
    from lab.rules import RULES
    from lab.sql import table_sql

    return table_sql(RULES.table(table_id))


@st.cache_data(show_spinner=False, max_entries=SCENARIOS_KEPT)
def draw_flow(
    layer: str, channels: tuple[str, ...], consents: tuple[str, ...], what_if: tuple[str, ...], theme: Theme
) -> str:
    """Draw what leaves the database in a scenario, as SVG."""
    from lab.pictures import flow_svg

    return flow_svg(make_plan(Scenario(layer=layer, channels=channels, consents=consents, what_if=what_if)), theme)


@st.cache_data(show_spinner=False, max_entries=64)
def draw_schema(theme: Theme, tables: tuple[str, ...] | None = None) -> str:
    """Draw the tables and their references, as SVG."""
    from lab.pictures import schema_svg

    return schema_svg(theme, tables)
