"""The pages' own pieces: the only folder that knows Streamlit."""

from lab.ui import pages_mode

__all__ = ["pages_mode"]
