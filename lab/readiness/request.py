"""What is to be checked. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.checks.finding import Finding
from lab.checks.schema.severity import find_table
from lab.plan.make import Plan, make_plan
from lab.plan.scenario import Scenario
from lab.rules import RULES
from lab.rules.model import EnvVariable
from lab.services.anchor import AnchorSource


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be checked.

    Args:
        url: The database's URL, which may hold a password.
        target: Names the target for people.
        families: Only these, when given.
        also: These in addition to `families`, or to the ones that always run.
        layers: Only what these layers need, when given.
        environ: The site's environment: this process's own, or that of a file.
        all_rows: Whether the family `data` reads every row, however long that takes, or only the newest ones.
        anchors: Where the ledgers' anchors are.
    """

    url: str = field(repr=False)
    target: str
    families: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    all_rows: bool = False
    anchors: AnchorSource | None = None

    def tables(self) -> tuple[str, ...]:
        """Return the tables that the layers need, in the rules' order."""
        needed = {line.name for plan in self._plans() for line in plan.tables}
        return tuple(table.qualified for table in RULES.tables if not needed or table.qualified in needed)

    def variables(self) -> tuple[EnvVariable, ...]:
        """Return the environment variables that the layers need."""
        needed = {line.name for plan in self._plans() for line in plan.env}
        return tuple(variable for variable in RULES.env if not needed or variable.id in needed)

    def concerns(self, finding: Finding) -> bool:
        """Tell whether a finding concerns the layers: one of their tables, or no table in particular."""
        table = find_table(finding.subject)
        return table is None or table.qualified in self.tables()

    def _plans(self) -> tuple[Plan, ...]:
        """Return the plans of the layers with everything they offer; none when all are meant."""
        chosen = [layer for layer in RULES.layers if layer.id in self.layers]
        consents = tuple(consent.id for consent in RULES.consents)
        offered = [(layer.id, tuple(channel.id for channel in layer.channels)) for layer in chosen]
        return tuple(make_plan(Scenario(layer=id_, channels=channels, consents=consents)) for id_, channels in offered)
