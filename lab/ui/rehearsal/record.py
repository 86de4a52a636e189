"""The last rehearsal of everything, as its record says it."""

import streamlit as st

from lab.rehearsal.record import describe_record
from lab.services.delivery.site import read_rules_version
from lab.text.product_files import home_folder
from lab.ui.kit.badges import badge


def draw_record() -> None:
    """Say what the last rehearsal of everything came to, and how old it is."""
    state, sentence = describe_record(home_folder(), read_rules_version())
    st.markdown(f"{badge(state)} {sentence}")
