"""What waits for a person about deliveries: why, what to do next, and the acts that the database offers for it."""

from lab.rules.functions.queue import park_delivery_job, retry_delivery_job
from lab.rules.functions.sending import cancel_delivery_job, decide_send, open_environment, switch_deliveries
from lab.rules.model import OperatorAct, Waiting

CHANGED = "Somebody acted on the job before. Nothing was changed."
DECIDED_BEFORE = "It was decided before. Nothing was changed."

_AGAIN = "The job is queued again, beginning with the first attempt. Its consents are checked again."
_SOLVED = ("cause_solved", "asked_by_customer", "address_corrected")

retry = OperatorAct(
    id="retry",
    title="Retry",
    effect=_AGAIN,
    done="Queued. The worker takes it next.",
    repeated=CHANGED,
    function=retry_delivery_job,
    reasons=_SOLVED,
)
release = OperatorAct(
    id="release",
    title="Release",
    effect=_AGAIN,
    done="Released. The worker takes it next.",
    repeated=CHANGED,
    function=retry_delivery_job,
    reasons=_SOLVED,
)
park = OperatorAct(
    id="park",
    title="Park",
    effect="The job is not tried until an operator releases it.",
    done="Parked.",
    repeated=CHANGED,
    function=park_delivery_job,
    reasons=("under_review", "with_engineering", "asked_by_customer"),
)
cancel = OperatorAct(
    id="cancel",
    title="Cancel the job",
    effect="The job is never sent. What was bought stays in the account.",
    done="Cancelled.",
    repeated=CHANGED,
    function=cancel_delivery_job,
    reasons=("not_needed", "asked_by_customer", "cannot_be_delivered"),
)
arrived = OperatorAct(
    id="arrived",
    title="It arrived",
    effect="The message counts as sent, and the job as done. Nothing is sent.",
    done="Recorded as sent. The job is done.",
    repeated=DECIDED_BEFORE,
    function=decide_send,
    decision="arrived",
)
send_again = OperatorAct(
    id="send_again",
    title="Send again",
    effect="The message is sent once more. If the first one arrived after all, its reader gets it twice.",
    done="Queued. The worker sends it next.",
    repeated=DECIDED_BEFORE,
    function=decide_send,
    decision="send_again",
)
stop = OperatorAct(
    id="stop",
    title="Stop deliveries",
    effect="No further job of the channel is begun. What was begun before is finished.",
    done="Stopped.",
    repeated="It was stopped before. Nothing was changed.",
    function=switch_deliveries,
    decision="true",
)
resume = OperatorAct(
    id="resume",
    title="Resume deliveries",
    effect="The jobs that are due are delivered again, the oldest of each priority first.",
    done="Resumed. The worker takes what is due.",
    repeated="It was not stopped. Nothing was changed.",
    function=switch_deliveries,
    decision="false",
)
open_here = OperatorAct(
    id="open",
    title="Open the environment",
    effect="Workers of this environment may send from this database. Never open a copy: it would send everything twice.",
    done="Opened. The worker takes what is due.",
    repeated="It was open before. Nothing was changed.",
    function=open_environment,
)

DELIVERY_ACTS = (retry, release, park, cancel, arrived, send_again, stop, resume, open_here)

WORKER_RUNS = "python -m lab worker --environment NAME"

environment_copied = Waiting(
    id="environment_copied",
    title="This database is a copy, or was restored",
    why="The environment was opened in another database. Nothing is sent, because a copy would send everything twice.",
    next_step="Open the environment if this database is the real one from now on. Leave it closed in a copy.",
    acts=(open_here,),
)
environment_not_open = Waiting(
    id="environment_not_open",
    title="No environment is open",
    why="Nothing is sent from this database, because no operator has allowed it.",
    next_step="Open the environment with the name that its workers use, such as production.",
    acts=(open_here,),
)
send_uncertain = Waiting(
    id="send_uncertain",
    title="Message without an answer from its provider",
    why="The provider was called and did not answer, and it cannot be called again without sending twice.",
    next_step="Look the message up at the provider. Record that it arrived, or send it again.",
    acts=(arrived, send_again),
)
lease_expired = Waiting(
    id="lease_expired",
    title="Jobs of a stopped worker",
    why="Their leases ended more than five minutes ago, and no worker has recovered them.",
    next_step="Start a worker. It recovers the jobs by itself.",
    acts=(),
    command=WORKER_RUNS,
)
job_overdue = Waiting(
    id="job_overdue",
    title="Jobs are overdue",
    why="They have been due for more than 15 minutes, and no worker has taken them.",
    next_step="Check that a worker runs in the open environment, or start more of them.",
    acts=(),
    command=WORKER_RUNS,
)
dead_letter = Waiting(
    id="dead_letter",
    title="Job failed for good",
    why="All attempts have failed, or another one would not help: its error code says why.",
    next_step="Solve the cause, then retry. Park the job while you look into it; cancel it if it is not needed.",
    acts=(retry, park, cancel),
)
channel_stopped = Waiting(
    id="channel_stopped",
    title="Deliveries are stopped",
    why="An operator has stopped them. Their jobs wait, and none is lost.",
    next_step="Resume them when the reason is gone.",
    acts=(resume,),
)
job_parked = Waiting(
    id="job_parked",
    title="Job is parked",
    why="Support holds it. No worker takes it.",
    next_step="Release it when the reason is gone, or cancel it.",
    acts=(release, cancel),
)

# In the order in which people read them: what sends nothing, or may send twice, is first.
DELIVERY_WAITING = (
    environment_copied,
    environment_not_open,
    send_uncertain,
    lease_expired,
    job_overdue,
    dead_letter,
    channel_stopped,
    job_parked,
)
