"""Keeps named scenarios in the history, and reads them. SQLAlchemy is imported at the first use."""

from lab.readiness.history.kept_scenario import KeptScenario
from lab.readiness.history.place import History, HistoryUnavailable

MOST_SCENARIOS = 200


def keep_scenario(history: History, scenario: KeptScenario) -> None:
    """Keep a scenario; one of the same name is replaced.

    Raises:
        HistoryUnavailable: It can't be reached or written, is damaged, is not ours, or holds too many scenarios.
    """
    from lab.readiness.history import access, tables

    with access.open_for_writing(history) as connection:
        if not tables.put_scenario(connection, scenario, MOST_SCENARIOS):
            found = f"holds {MOST_SCENARIOS} scenarios, the most it keeps"
            raise HistoryUnavailable(str(history), found, "Delete one first")


def read_scenarios(history: History) -> tuple[KeptScenario, ...]:
    """Return the kept scenarios, the newest first. Read-only.

    Raises:
        HistoryUnavailable: It can't be reached, is damaged, or is not ours.
    """
    from lab.readiness.history import access, tables

    with access.open_for_reading(history) as connection:
        if connection is None or not tables.has_scenarios(connection, access.schema_of(history)):
            return ()
        return tables.select_scenarios(connection)


def forget_scenario(history: History, name: str) -> bool:
    """Delete the scenario of a name; tell whether there was one.

    Raises:
        HistoryUnavailable: As for `keep_scenario`.
    """
    from lab.readiness.history import access, tables

    with access.open_for_writing(history) as connection:
        return tables.delete_scenario(connection, name)
