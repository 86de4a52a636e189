"""Reads of a target that several families of checks share; each is made once."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from lab.checks.probes import ProbeRun, probe_database
from lab.checks.schema.check import SchemaCheck, check_database
from lab.readiness.request import Request
from lab.services.anchor import AnchorState, read_states

Value = TypeVar("Value")


class Reads:
    """One run's reads of a target; each is made when a family first needs it.

    Args:
        request: What is to be checked.
        made: What was read already, by the names in `lab.readiness.results`.

    Attributes:
        made: What was read so far. A request's layers limit none of it.
    """

    def __init__(self, request: Request, made: Mapping[str, Any] | None = None) -> None:
        self.request, self.made = request, dict(made or {})

    def _read(self, name: str, read: Callable[[], Value]) -> Value:
        if name not in self.made:
            self.made[name] = read()
        value: Value = self.made[name]
        return value

    def compare_schema(self) -> SchemaCheck:
        """Compare the schema with the rules. Read-only.

        Raises:
            DatabaseUnavailable: It can't be reached, or its Postgres is too old.
        """
        return self._read("wall", lambda: check_database(self.request.url, target=self.request.target))

    def run_probes(self) -> ProbeRun:
        """Try every command as each role, inside one transaction that is rolled back."""
        return self._read("probes", lambda: probe_database(self.request.url))

    def verify_anchors(self) -> dict[str, AnchorState]:
        """Verify the ledgers against their anchors. Read-only."""
        request = self.request
        now = datetime.now(UTC)
        return self._read("anchors", lambda: read_states(request.url, request.anchors, now, full=request.all_rows))
