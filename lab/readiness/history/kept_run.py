"""The record of a check in the history: keys, severities, states and counts; never a value, a URL or a secret. Pure."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from lab.checks.state import State
from lab.readiness.report import Report, ReportVerdict


class KeptFinding(BaseModel):
    """The record of a finding in the history."""

    model_config = ConfigDict(frozen=True)

    key: str
    family: str
    severity: str
    accepted: bool


class KeptRun(BaseModel):
    """The record of a check in the history."""

    model_config = ConfigDict(frozen=True)

    target: str
    scope: str
    started_at: datetime
    verdict: ReportVerdict
    unknown_count: int
    families: dict[str, str]
    complete: frozenset[str]
    findings: tuple[KeptFinding, ...]

    @property
    def asked(self) -> frozenset[str]:
        """Return the families that were run."""
        return frozenset(id_ for id_, state in self.families.items() if state != State.NOT_RUN)

    def count(self, severity: str) -> int:
        """Return how many findings of a severity are open; accepted ones do not count."""
        return sum(finding.severity == severity and not finding.accepted for finding in self.findings)


def keep_run(report: Report) -> KeptRun:
    """Return the record of a report."""
    standing = [(finding, False) for finding in report.findings]
    findings = [*standing, *((entry.finding, True) for entry in report.accepted)]
    return KeptRun(
        target=report.target,
        scope=",".join(sorted(report.layers)),
        started_at=report.started_at,
        verdict=report.verdict,
        unknown_count=len(report.unknown),
        families={family.id: family.state.value for family in report.families},
        complete=frozenset(family.id for family in report.families if family.complete),
        findings=tuple(
            KeptFinding(key=f.key, family=f.family, severity=f.severity.value, accepted=accepted)
            for f, accepted in findings
        ),
    )
