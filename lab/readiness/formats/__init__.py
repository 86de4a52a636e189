"""A report in six forms, each made by a pure function."""

from lab.readiness.formats.documents import json_report
from lab.readiness.formats.forms import FORMATS, TEXT_FORMATS
from lab.readiness.formats.junit import junit_report
from lab.readiness.formats.markdown import markdown_report
from lab.readiness.formats.pdf import pdf_report
from lab.readiness.formats.sarif import sarif_report
from lab.readiness.formats.text import text_report

__all__ = [
    "FORMATS",
    "TEXT_FORMATS",
    "json_report",
    "junit_report",
    "markdown_report",
    "pdf_report",
    "sarif_report",
    "text_report",
]
