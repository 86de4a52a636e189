"""The persistence lab in the browser: page settings and navigation, nothing else."""

import streamlit as st

from lab.ui.kit.parts import MARK, WORDMARK, draw_style
from lab.ui.kit.server_database import open_server_database
from lab.ui.navigation import open_page

st.set_page_config(page_title="Persistence lab", page_icon=MARK, layout="wide")
st.logo(WORDMARK, icon_image=MARK, size="large")
draw_style()
open_server_database().watch()
open_page().run()
