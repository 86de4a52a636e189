"""Readiness: the families of checks, what came of them, and who reads it in which form."""

from lab.readiness.acceptances import Acceptance, AcceptancesFault, Accepted, read_acceptances
from lab.readiness.report import Answer, FamilyResult, FamilyState, Report, ReportVerdict, make_report

__all__ = [
    "Acceptance",
    "AcceptancesFault",
    "Accepted",
    "Answer",
    "FamilyResult",
    "FamilyState",
    "Report",
    "ReportVerdict",
    "make_report",
    "read_acceptances",
]
