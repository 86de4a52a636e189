"""One weakening, and how it is judged."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One thing that is made weaker.

    Args:
        family: The group it is counted in.
        name: Says what was done, uniquely.
        sql: How it is done, by the superuser.
        subject: What some finding must name.
        mends: Whether SQL can repair it; otherwise a person must decide.
        needs_admin: Whether only the platform's superuser can repair it.
        oldest: The first major that knows this statement.
    """

    family: str
    name: str
    sql: str
    subject: str
    mends: bool = True
    needs_admin: bool = False
    oldest: int = 15
