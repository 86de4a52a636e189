"""Erasure: the function that the site's server calls until it is done, and the internal ones that it uses."""

from lab.rules.function_constructors import argument, inner_function
from lab.rules.model import Function
from lab.rules.roles import service_role

_PERSON = argument("person", "uuid", "The person.")
_REQUEST = argument("request", "uuid", "The deletion request.")

privacy_deadline = Function(
    id="privacy_deadline",
    db_schema="wall",
    arguments=(argument("asked_at", "timestamptz", "Time of the request."),),
    returns="timestamptz",
    language="sql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="Returns the time one calendar month later in UTC. 31 January gives the last day of February.",
)

is_erasing = inner_function(
    "is_erasing",
    "boolean",
    "Tells whether the current transaction erases a person; sealed and append-only rows may change only then.",
    argument("subject", "uuid", "The person, or null for anybody."),
)

is_erased = inner_function(
    "is_erased",
    "boolean",
    "Tells whether a person has a tombstone: their data was erased or is being erased.",
    _PERSON,
)

tombstone = inner_function(
    "tombstone",
    "bytea",
    "Returns the tombstone of a person: SHA-256 of this database's secret key and the person's id.",
    _PERSON,
    derived=True,
)

lock_number = inner_function(
    "lock_number",
    "bigint",
    "Returns the number of an advisory lock. It cannot be guessed, because it depends on this database's secret key.",
    argument("name", "text", "Name of what is locked."),
    derived=True,
)

created_in_transaction = inner_function(
    "created_in_transaction",
    "boolean",
    "Tells whether this transaction created both the account and the deletion request, and updated no account.",
    _REQUEST,
    volatility="volatile",
)

tombstone_is_visible = inner_function(
    "tombstone_is_visible",
    "boolean",
    "Tells whether every transaction that could not see the tombstone has ended.",
    _REQUEST,
    volatility="volatile",
)

erasure_pause = inner_function(
    "erasure_pause",
    "text",
    "Returns why an erasure must wait, such as an open dispute or a legal hold; no row when it can go on.",
    _PERSON,
    derived=True,
)

erasure_left = inner_function(
    "erasure_left",
    "setof text",
    "Returns the columns that still name a person; none after an erasure.",
    _PERSON,
    derived=True,
)

lock_rows_of_person = inner_function(
    "lock_rows_of_person",
    "void",
    "Locks every row that an erasure changes. It fails at once if another transaction holds one of them.",
    _PERSON,
    volatility="volatile",
    derived=True,
)

erase_rows = inner_function(
    "erase_rows",
    "table(table_name text, affected bigint)",
    "Erases one person from every table, each column by its rule, and returns the number of affected rows.",
    _PERSON,
    _REQUEST,
    volatility="volatile",
    derived=True,
)

record_step = inner_function(
    "record_step",
    "void",
    "Adds a step to a request if it is missing, and marks it as done.",
    _REQUEST,
    argument("place", "integer", "Position of the step."),
    argument("step", "text", "Name of the step."),
    argument("done", "boolean", "False to only add the step."),
    volatility="volatile",
)

begin_erasure = inner_function(
    "begin_erasure",
    "void",
    "Starts an erasure: writes the tombstone and plans the steps. After its commit nothing is written for the person.",
    _REQUEST,
    _PERSON,
    volatility="volatile",
)

record_pause = inner_function(
    "record_pause",
    "void",
    "Writes a line of the audit trail when an erasure is paused, once for each reason.",
    _REQUEST,
    argument("why", "text", "Code of the reason."),
    volatility="volatile",
)

finish_erasure = inner_function(
    "finish_erasure",
    "text",
    "Closes a deletion request if nothing is left, and returns its state: files, the next open step, or done.",
    _REQUEST,
    volatility="volatile",
)

audit_code = inner_function(
    "audit_code",
    "text",
    "Returns a person's code in the audit trail, and makes one if needed; null for an id that is no person's.",
    _PERSON,
    volatility="volatile",
)

erase_subject = Function(
    id="erase_subject",
    db_schema="public",
    arguments=(argument("privacy_request_id", "uuid", "Id of a running deletion request."),),
    returns="table(table_name text, affected bigint, state text, reason text)",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Erases the person of a deletion request. Call it until the state is done; each call goes as far as possible.",
)

finish_storage_deletion = Function(
    id="finish_storage_deletion",
    db_schema="public",
    arguments=(argument("deletion_id", "uuid", "Id of the listed file."),),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Records that a listed file was deleted in storage, and clears its path. Returns false if it was recorded before.",
)

ERASURE = (
    privacy_deadline,
    is_erasing,
    is_erased,
    tombstone,
    lock_number,
    created_in_transaction,
    tombstone_is_visible,
    erasure_pause,
    erasure_left,
    lock_rows_of_person,
    erase_rows,
    record_step,
    begin_erasure,
    record_pause,
    finish_erasure,
    audit_code,
    erase_subject,
    finish_storage_deletion,
)
