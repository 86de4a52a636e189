"""Every format of a report, by its name on the command line."""

import os
from collections.abc import Callable

from lab.readiness.explanations import find_docs
from lab.readiness.formats.documents import json_report
from lab.readiness.formats.junit import junit_report
from lab.readiness.formats.markdown import markdown_report
from lab.readiness.formats.pdf import pdf_report
from lab.readiness.formats.sarif import sarif_report
from lab.readiness.formats.text import text_report
from lab.readiness.report import Report

TEXT_FORMATS: dict[str, Callable[[Report], str]] = {
    "text": text_report,
    "json": json_report,
    "junit": junit_report,
    "sarif": lambda report: sarif_report(report, docs=find_docs(os.environ)),
    "markdown": markdown_report,
}
FORMATS: dict[str, Callable[[Report], str | bytes]] = {**TEXT_FORMATS, "pdf": pdf_report}
