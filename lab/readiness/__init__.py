"""Readiness: runs the families of checks on a target, and reports their results."""

from lab.readiness.acceptances import Acceptance, AcceptancesFault, Accepted, read_acceptances
from lab.readiness.permission import OperateSettings, Permission, may_operate
from lab.readiness.report import Answer, FamilyResult, Report, ReportVerdict, make_report
from lab.readiness.targets import TargetName, UnknownTarget, find_targets, find_url

__all__ = [
    "Acceptance",
    "AcceptancesFault",
    "Accepted",
    "Answer",
    "FamilyResult",
    "OperateSettings",
    "Permission",
    "Report",
    "ReportVerdict",
    "TargetName",
    "UnknownTarget",
    "find_targets",
    "find_url",
    "make_report",
    "may_operate",
    "read_acceptances",
]
