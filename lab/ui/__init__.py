"""The parts of the pages: the only folder that imports Streamlit."""

from lab.ui import pages_mode

__all__ = ["pages_mode"]
