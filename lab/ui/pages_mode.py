"""Leaves the mode of Streamlit that runs a page without app.py; whatever imports from `lab.ui` comes by here."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

# Beside a folder called pages, a fresh server begins in Streamlit's older mode, which runs a page without app.py.
# The very first run switches that mode off and begins again, with the navigation of app.py.
if PagesManager.uses_pages_directory:
    PagesManager.uses_pages_directory = False
    st.rerun()
