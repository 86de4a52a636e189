"""The function body that holds the retention: after how many days ended rows go, written from the rules."""

from lab.rules.registry import Rules


def kept_days_body(rules: Rules) -> str:
    """Return the body that returns the days after which ended jobs go."""
    days = next(rule.days for rule in rules.retention if rule.table == rules.queue.id)
    return f"begin\n  return {days};\nend"
