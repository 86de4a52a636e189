"""The persistence lab in the browser: page settings and navigation, nothing else."""

import streamlit as st

from lab.ui.house import open_house
from lab.ui.navigation import build_pages
from lab.ui.parts import MARK, WORDMARK, draw_style

st.set_page_config(page_title="Persistence lab", page_icon=MARK, layout="wide")
page = st.navigation(build_pages(), position="sidebar")
st.logo(WORDMARK, icon_image=MARK, size="large")
draw_style()
open_house()
page.run()
