"""What the workers of a play work with: a site of each release, and a lane of which each job is a doer of its own."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg

from lab.database.connect import DatabaseUnavailable, LimitedConnection
from lab.services.delivery.claims import ClaimedJob, extend_leases
from lab.services.delivery.drain import Delivery, Lane
from lab.services.delivery.leases import Leases
from lab.services.delivery.position import Position
from lab.services.delivery.site import DeliverySite, read_rules_version
from lab.services.worker import Stop

if TYPE_CHECKING:
    from lab.rehearsal.processes import Processes

JOBS, LEASE_SECONDS = 10, 3600  # by the real clock, so longer than all plays on one stage take


@dataclass(frozen=True, kw_only=True)
class RehearsedSite(DeliverySite):
    """What the deliveries of one release work with."""

    release: int

    @property
    def rules_version(self) -> str:
        """Return the version of the release's rules."""
        version = read_rules_version()
        return version if self.release == 1 else f"{self.release:0>12}"


class RehearsedLane(Lane):
    """A worker's lane, of which each job is a doer of its own.

    Args:
        processes: The processes of the play.
        ending: Of the doers' names.
    """

    def __init__(self, processes: "Processes", ending: str) -> None:
        delivery = Delivery(
            site=processes.site,
            stop=_NEVER,
            report=processes.report,
            tell=processes.tell,
            batch=JOBS,
            lease_seconds=LEASE_SECONDS,
        )
        super().__init__(delivery=delivery, leases=Leases(_open_none, extend_leases, LEASE_SECONDS), bell=None)
        self.position = Position(clock=lambda: 0.0)
        self._processes, self._ending = processes, ending

    def handle(self, connection: psycopg.Connection[Any], job: ClaimedJob) -> None:
        """Handle a job as the doer that it names."""
        before, self._processes.doer = self._processes.doer, f"{job.channel}.{job.leg}{self._ending}"
        super().handle(connection, job)
        self._processes.doer = before


class _Never(Stop):
    """A stop that is never asked for, and that needs no socket."""

    def __init__(self) -> None:
        self.asked = False


_NEVER = _Never()


def _open_none() -> LimitedConnection:
    raise DatabaseUnavailable("The rehearsal", "No lease is extended in it", "Nothing is to be done")
