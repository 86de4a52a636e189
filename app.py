"""The persistence lab in the browser: page settings and navigation, nothing else."""

import streamlit as st

from lab.ui.house import open_house
from lab.ui.navigation import build_pages
from lab.ui.parts import draw_style

st.set_page_config(page_title="Persistence lab", page_icon=":material/database:", layout="wide")
page = st.navigation(build_pages(), position="top")
draw_style()
open_house()
page.run()
