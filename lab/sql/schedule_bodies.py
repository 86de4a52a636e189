"""The function body that holds the schedule: the limits of each task, written from the rules."""

from lab.rules.derived import quote
from lab.rules.model import ScheduledTask
from lab.rules.registry import Rules


def task_limits_body(rules: Rules) -> str:
    """Return the body that gives the limits of a task; no row for an unknown one."""
    return f"begin\n{''.join(map(_write_limits, rules.schedule))}end"


def _write_limits(task: ScheduledTask) -> str:
    values = {
        "every_seconds": task.every_seconds,
        "at_most_seconds": task.at_most_seconds,
        "asks_stripe": str(task.asks_stripe).lower(),
    }
    lines = "".join(f"    {name} := {value};\n" for name, value in values.items())
    return f"  if task = {quote(task.id)} then\n{lines}    return next;\n  end if;\n"
