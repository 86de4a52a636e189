"""Renders what a buyer gets: the PDF of a reading, its print view, and the share-card; and reports as PDF.

Each rendering runs in a child process with limits of memory and time. An error has a code and never a text.
"""

from lab.services.documents.fault import CODES, NotRendered
from lab.services.documents.limits import Limits
from lab.services.documents.renderer import Renderer, write_pdf
from lab.services.documents.report import Paper, Picture, Tone
from lab.services.documents.values import Card, Reading, Rendered

__all__ = [
    "CODES",
    "Card",
    "Limits",
    "NotRendered",
    "Paper",
    "Picture",
    "Reading",
    "Rendered",
    "Renderer",
    "Tone",
    "write_pdf",
]
