"""The functions of sending: may it leave now, what became of it, and the operator's switches and decisions."""

from lab.rules.function_constructors import argument, inner_function, operator_function
from lab.rules.model import Function
from lab.rules.roles import authenticated, service_role

_JOB = argument("job_id", "bigint", "Id of the job.")
_TOKEN = argument("lease_token", "uuid", "Token from the claim; an older token has no effect.")
_ENVIRONMENT = argument("environment", "text", "Name of the environment in which the worker runs.")

provider_ability = inner_function(
    "provider_ability",
    "table(ability text, window_seconds integer)",
    "Returns what can be done when a provider does not answer. No row for an unknown one.",
    argument("provider", "text", "Id of the provider."),
    volatility="immutable",
    derived=True,
)

job_address = inner_function(
    "job_address",
    "text",
    "Returns the address to which a job writes: a confirmed one of its person, or that of an open invitation. Or null.",
    argument("subject", "uuid", "The person."),
    argument("channel", "text", "Channel of the job."),
    argument("artifact_id", "uuid", "The artifact, or null."),
)

environment_fault = inner_function(
    "environment_fault",
    "text",
    "Tells why nothing may be sent from here: not_opened, another environment, or a copied database. Null if it may.",
    _ENVIRONMENT,
)

stopped_channels = inner_function(
    "stopped_channels", "text[]", "Returns the channels whose deliveries are stopped; all when everything is."
)

may_repeat = inner_function(
    "may_repeat",
    "boolean",
    "Tells whether a message without a result can be settled by calling its provider again.",
    argument("effect_id", "bigint", "Id of the message."),
)

delivery_address = Function(
    id="delivery_address",
    db_schema="public",
    arguments=(_JOB, _TOKEN),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Returns the address of a running e-mail job whose consents are valid, and to no one else. Or null.",
)

delivery_gate = Function(
    id="delivery_gate",
    db_schema="public",
    arguments=(_ENVIRONMENT,),
    returns="table(fault text, stopped text[])",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Tells a worker before it claims jobs whether anything may be sent from here, and which channels are stopped.",
)

begin_send = Function(
    id="begin_send",
    db_schema="public",
    arguments=(
        _JOB,
        _TOKEN,
        _ENVIRONMENT,
        argument("provider", "text", "Id of the provider that is called next."),
        argument("address", "text", "The address to which the message is written."),
        argument("content_sha256", "bytea", "SHA-256 of the rendered message."),
        argument("rules_version", "text", "The first 12 digits of the SHA-256 of the rules."),
    ),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Judges whether a message may leave now, and records the intent. Call it in a transaction of its own, which is "
    "committed before the provider is called. Returns send, ask, or the reason why it must not be sent.",
)

finish_send = Function(
    id="finish_send",
    db_schema="public",
    arguments=(
        _JOB,
        argument("lease_token", "uuid", "Token of the lease under which the provider was called."),
        argument("outcome", "text", "sent, refused, or uncertain when the provider may have sent it."),
        argument("provider_id", "text", "The provider's id of the message, or null.", "null"),
        argument("error_class", "text", "Short code of the error, never the provider's text.", "null"),
        argument("permanent", "boolean", "True when another attempt cannot succeed.", "false"),
        argument("retry_after_seconds", "integer", "Pause that the provider asked for, in seconds.", "null"),
    ),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Records what became of a message, and ends the job's attempt accordingly. Returns the job's state, or fenced.",
)

count_passed = Function(
    id="count_passed",
    db_schema="public",
    arguments=(argument("entry_id", "bigint", "Id of a withdrawal in the consent ledger."),),
    returns="table(sent bigint, uncertain bigint)",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(authenticated, service_role),
    exposed_because="People ask how many messages had left before their own withdrawal.",
    why="Counts the messages that had passed before a withdrawal since its consent was given, and the uncertain ones.",
)

keep_delivery_link = Function(
    id="keep_delivery_link",
    db_schema="public",
    arguments=(
        _JOB,
        _TOKEN,
        argument("purpose", "text", "What the link is for: open, recover or unsubscribe."),
        argument("token_sha256", "bytea", "SHA-256 of the link's token."),
        argument("valid_seconds", "integer", "How long the link is valid, in seconds."),
    ),
    returns="timestamptz",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Keeps the hash of a link that a running job's message holds; the same one is kept once. Returns when it expires.",
)

read_delivery_link = Function(
    id="read_delivery_link",
    db_schema="public",
    arguments=(argument("token", "text", "Token of the link."),),
    returns="table(purpose text, channel text)",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Tells what a link is for, and uses nothing: programs that scan e-mail open every link. No row for an invalid one.",
)

use_delivery_link = Function(
    id="use_delivery_link",
    db_schema="public",
    arguments=(argument("token", "text", "Token of the link."),),
    returns="table(purpose text, channel text, subject_id uuid, artifact_id uuid, purchase_id uuid, echo_entry_id uuid)",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Uses a link: a recovery link works once, and one that stops e-mail withdraws the consent. No row for an invalid one.",
)

keep_bounce = Function(
    id="keep_bounce",
    db_schema="public",
    arguments=(
        argument(
            "message", "text", "The part of the Message-ID before the @: the first 40 digits of the key's SHA-256."
        ),
        argument("address", "text", "The address that the report names."),
        argument("reason", "text", "hard_bounce or complaint."),
        argument("provider_code", "text", "Short code from the report, or null."),
    ),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Keeps an address that a report by e-mail names, if we sent a message to it. Such reports are not signed. "
    "Returns kept, known or not_ours.",
)

decide_send = operator_function(
    "decide_send",
    "Settles a message without an answer from its provider, for support: it arrived, or it is sent again.",
    _JOB,
    argument("decision", "text", "arrived or send_again."),
)

cancel_delivery_job = operator_function(
    "cancel_delivery_job",
    "Cancels a job that is not running, for support. It is not sent any more.",
    _JOB,
    argument("reason_code", "text", "Reason as a short code."),
)

switch_deliveries = operator_function(
    "switch_deliveries",
    "Stops the deliveries of a channel, or of all, or lets them go on. What was begun before is finished.",
    argument("channel", "text", "The channel, or all."),
    argument("stopped", "boolean", "True to stop them."),
)

open_environment = operator_function(
    "open_environment",
    "Allows deliveries from this database in one environment. A restored or copied database sends nothing until then.",
    _ENVIRONMENT,
)

SENDING = (
    provider_ability,
    job_address,
    environment_fault,
    stopped_channels,
    may_repeat,
    delivery_address,
    delivery_gate,
    begin_send,
    finish_send,
    count_passed,
    keep_delivery_link,
    read_delivery_link,
    use_delivery_link,
    keep_bounce,
    decide_send,
    cancel_delivery_job,
    switch_deliveries,
    open_environment,
)
