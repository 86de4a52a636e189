"""Reads of a target that several families of checks share; each is made once."""

from datetime import UTC, datetime
from functools import cache

from lab.anchor import AnchorState, read_states
from lab.checks.schema.check import SchemaCheck, check_database
from lab.readiness.request import Request


class Reads:
    """One run's reads of a target; each is made when a family first needs it.

    Args:
        request: What is to be checked.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self.compare_schema = cache(self._compare_schema)
        self.verify_anchors = cache(self._verify_anchors)

    def _compare_schema(self) -> SchemaCheck:
        """Compare the schema with the rules. Read-only.

        Raises:
            DatabaseUnavailable: It can't be reached, or its Postgres is too old.
        """
        return check_database(self.request.url, target=self.request.target)

    def _verify_anchors(self) -> dict[str, AnchorState]:
        """Verify the ledgers against their anchors. Read-only."""
        request = self.request
        return read_states(request.url, request.anchors, datetime.now(UTC), full=request.all_rows)
