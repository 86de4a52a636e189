"""What the texts mean that functions return."""

SETTLED = {
    "unlocked": "It is paid as ordered, and unlocked.",
    "review": "It is paid, and waits for a person, because the payment does not fit the order.",
    "unknown": "No purchase has this checkout or this order id.",
    "open": "The checkout has not ended.",
    "processing": "The checkout is completed, and the money is on its way.",
    "paid": "It was paid before, and is locked.",
    "failed": "The payment failed.",
    "expired": "The checkout has expired.",
    "refunded": "It was refunded in full before.",
    "disputed": "A dispute of it is open or lost.",
}
RECORDED = {
    "recorded": "It is recorded, in this state.",
    "repeated": "It had this state before, or a later one. Nothing was changed.",
    "unpaid": "The purchase is not paid yet. Call again after `settle_purchase`.",
    "unknown": "No purchase has this PaymentIntent.",
}
_ATTEMPTED = {
    "pending": "Another attempt is planned.",
    "dead": "It is a dead letter: a person decides.",
    "waiting": "It waits for a consent.",
    "cancelled": "It was cancelled, because a consent was withdrawn.",
    "fenced": "The lease was lost. Nothing was changed.",
}
FAILED = _ATTEMPTED
FINISHED = {
    "done": "The message was sent, and the job is done.",
    **_ATTEMPTED,
    "running": "Another worker has the job now. The result is recorded.",
    "parked": "An operator has parked the job. The result is recorded.",
}
BEGUN = {
    "send": "Commit, and call the provider.",
    "ask": "Ask the provider whether it has sent the message.",
    "sent": "It was sent before. Complete the job.",
    "uncertain": "It may have been sent before. Send nothing: a person decides.",
    "fenced": "The lease was lost. Send nothing.",
    "stopped": "The channel is stopped. Release the job.",
    "withheld": "A consent is missing or was withdrawn. Release the job.",
    "address.missing": "The person has no confirmed address.",
    "address.changed": "The address is another one now. Render the message again.",
    "address.suppressed": "The address bounced or complained, or its owner stopped e-mail.",
    "environment.not_opened": "No operator has opened an environment of this database.",
    "environment.another": "The open environment has another name.",
    "environment.copied": "This database is a copy. An operator opens its environment first.",
}
BOUNCED = {
    "kept": "The address gets no more e-mail.",
    "known": "The address was kept before.",
    "not_ours": "No message with this digest was sent from here to this address. Nothing is kept.",
}
ERASED = {
    "waiting": "Older transactions are open, or another request of the person runs. Call again.",
    "busy": "Another transaction has locked rows of the person. Nothing was changed. Call again.",
    "paused": "A dispute or a legal hold pauses it; `reason` is its code.",
    "files": "The rows are deleted. Delete the files in `storage_deletions`, and call `finish_storage_deletion`.",
    "processors": "Delete the data at other services, and mark that step as done.",
    "done": "Nothing is left. The request is closed.",
    "refused": "The request was refused before.",
    "cancelled": "Another request has erased the person.",
    "any other": "The name of a step of the request that is still open.",
}
