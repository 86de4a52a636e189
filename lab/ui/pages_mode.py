"""Leaves the mode of Streamlit that runs a page without app.py; whatever imports from `lab.ui` comes by here."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

# Beside a folder called pages, a fresh server begins in Streamlit's older mode, which runs a page without app.py.
# Before a server has started, as in `lab serve`, that is ruled out. Otherwise the very first run switches that mode off
# and begins again, with the navigation of app.py.
began_in_it, PagesManager.uses_pages_directory = PagesManager.uses_pages_directory, False
if began_in_it:
    st.rerun()
