"""Runs the example of each kind on a sound database, and returns what the check finds. Everything is rolled back."""

from lab.checks.finding import Finding
from lab.checks.schema.check import check_connection
from lab.checks.schema.every_kind import KINDS
from lab.database.connect import connect


def find_examples(url: str) -> dict[str, Finding]:
    """Return by kind the first finding that its example causes; a kind whose example causes none is left out.

    Args:
        url: Of a database of the rules that nobody else uses, as a superuser.
    """
    found = {}
    with connect(url) as connection:
        for kind in KINDS:
            connection.execute(kind.example.encode())
            findings, _ = check_connection(connection)
            connection.rollback()
            if caused := next((finding for finding in findings if finding.kind == kind.name), None):
                found[kind.name] = caused
    return found
