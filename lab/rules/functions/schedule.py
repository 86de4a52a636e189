"""The functions of the schedule: which worker runs a task now, and how the run ended."""

from lab.rules.function_constructors import argument, inner_function
from lab.rules.model import Function
from lab.rules.roles import service_role

_TASK = argument("task", "text", "Id of the scheduled task.")

task_limits = inner_function(
    "task_limits",
    "table(every_seconds integer, at_most_seconds integer, asks_stripe boolean)",
    "Returns the period and the lease of a scheduled task, and whether it needs Stripe. No row for an unknown one.",
    _TASK,
    volatility="immutable",
    derived=True,
)

begin_scheduled_run = Function(
    id="begin_scheduled_run",
    db_schema="public",
    arguments=(
        _TASK,
        argument("worker", "text", "Name of the worker, such as host:4711."),
        argument("mode", "text", "Mode of the key: test or live. none for a task without Stripe.", "'none'"),
    ),
    returns="uuid",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Leases a scheduled task to a worker and returns the token. Null when it is not due, or another worker runs it.",
)

finish_scheduled_run = Function(
    id="finish_scheduled_run",
    db_schema="public",
    arguments=(
        _TASK,
        argument("lease_token", "uuid", "Token from the beginning; an older token has no effect."),
        argument("outcome", "text", "done, failed, or stopped: stopped by its worker, and due again at once."),
        argument("error_class", "text", "Short code of the error of a failed run, or null.", "null"),
    ),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Ends a scheduled run and plans the next one. Returns false when its lease was lost to another worker.",
)

SCHEDULED = (task_limits, begin_scheduled_run, finish_scheduled_run)
