"""The saved scenarios, which are read only when their list is open."""

import os
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode

import streamlit as st

from lab.readiness import history
from lab.readiness.history import KeptScenario
from lab.text.errors import LabError
from lab.ui.kit.markdown import plain
from lab.ui.kit.targets import check_permission
from lab.ui.kit.url import Query, read_query
from lab.ui.scenario.inputs import FIELDS, MEMORY

LONGEST_NAME = 60  # characters


def draw_saved() -> None:
    """Draw the field that names the scenario on the page, and the saved ones."""
    permission = check_permission()
    if not permission.allowed:
        st.caption(f"Saved scenarios are closed. {plain(permission.reason)}")
        return
    st.text_input("Name of this scenario", max_chars=LONGEST_NAME, key=MEMORY.key("name"))
    st.button("Save", type="primary", key=MEMORY.key("save"), on_click=_keep)
    if said := MEMORY.get("said", ""):
        st.caption(said)
    _draw_list()


def _draw_list() -> None:
    try:
        scenarios = history.read_scenarios(history.find_history(os.environ))
    except LabError as error:
        st.warning(plain(str(error)))
        return
    if not scenarios:
        st.caption("No scenario is saved yet.")
    for scenario in scenarios:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                plain(scenario.name), type="tertiary", width="stretch", key=MEMORY.key(f"open {scenario.name}"),
                help=f"Saved {scenario.kept_at:%-d %B %Y, %H:%M} UTC", on_click=_open, args=(scenario,),
            )  # fmt: skip
            st.button(
                "Delete", icon=":material/delete:", type="tertiary", key=MEMORY.key(f"delete {scenario.name}"),
                on_click=_forget, args=(scenario.name,),
            )  # fmt: skip


def _keep() -> None:
    """Keep what is on the page under the typed name, if this visitor may; for callbacks."""
    name = " ".join(str(MEMORY.get("name", "")).split())
    if not name or not check_permission().allowed:
        MEMORY["said"] = "Give the scenario a name." if not name else ""
        return
    query = urlencode(MEMORY.read_choices(FIELDS), doseq=True)
    try:
        history.keep_scenario(
            history.find_history(os.environ), KeptScenario(name=name, query=query, kept_at=datetime.now(UTC))
        )
    except LabError as error:
        MEMORY["said"] = f"Nothing was saved. {plain(str(error))}"
        return
    MEMORY["said"], MEMORY["name"] = f"Saved as {plain(name)}.", ""


def _open(scenario: KeptScenario) -> None:
    """Put a kept scenario into the page; ids that the rules no longer know are named; for callbacks."""
    query: Query = parse_qs(scenario.query)
    MEMORY.put_choices(*read_query(query, FIELDS))
    MEMORY["said"] = ""


def _forget(name: str) -> None:
    """Delete a kept scenario, if this visitor may; for callbacks."""
    if check_permission().allowed:
        try:
            history.forget_scenario(history.find_history(os.environ), name)
            MEMORY["said"] = f"Deleted {plain(name)}."
        except LabError as error:
            MEMORY["said"] = f"Nothing was deleted. {plain(str(error))}"
