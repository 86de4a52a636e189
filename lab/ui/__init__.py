"""The pages' own pieces: the only folder that knows Streamlit."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

# Beside a folder called pages, a fresh server begins in Streamlit's older mode, which runs a page without app.py.
# The very first run comes by here: it switches that mode off and begins again, with the navigation of app.py.
if PagesManager.uses_pages_directory:
    PagesManager.uses_pages_directory = False
    st.rerun()
