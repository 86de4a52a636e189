"""The last rehearsal of everything, as its record says it."""

import streamlit as st

from lab.rehearsal.record import read_recorded
from lab.text.product_files import home_folder
from lab.ui.kit.badges import badge
from lab.ui.kit.markdown import prose


def draw_record() -> None:
    """Say what the last rehearsal of everything came to, and how old it is."""
    recorded = read_recorded(home_folder())
    st.markdown(
        f"{badge(recorded.state.word)} {prose(f'{recorded.seen[:1].upper()}{recorded.seen[1:]}. {recorded.why}')}"
    )
