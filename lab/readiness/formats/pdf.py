"""A report as PDF, for people who take it home: the Markdown's findings, repairs and notes, with the verdict first."""

from lab.readiness.formats.markdown import markdown_report, prose
from lab.readiness.formats.text import describe_report
from lab.readiness.report import Report, ReportVerdict
from lab.services.documents import Paper, Tone, write_pdf

_TONES: dict[ReportVerdict, Tone] = {
    ReportVerdict.READY: "good",
    ReportVerdict.NOT_READY: "bad",
    ReportVerdict.UNKNOWN: "unknown",
}


def pdf_report(report: Report) -> bytes:
    """Return a report as PDF.

    Raises:
        NotRendered: Its code says why.
    """
    return write_pdf(report_paper(report))


def report_paper(report: Report) -> Paper:
    """Return what a report's PDF is made of."""
    verdict = describe_report(report)
    head = f"# Readiness of {prose(report.target)}\n\n**{prose(verdict)}**"
    markdown = markdown_report(report).replace(f"## {verdict}", head, 1)
    markdown = markdown.replace("\n| Severity |", "\n## Findings\n\n| Severity |", 1)
    return Paper(markdown=markdown, about="Readiness", tone=_TONES[report.verdict], made_at=report.started_at)
