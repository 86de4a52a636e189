"""Erasure: the door that the site's server calls again until it is done, and what is asked on the way."""

from lab.rules.model import Function
from lab.rules.roles import service_role
from lab.rules.words import argument, inner_function

_PERSON = argument("person", "uuid", "The person.")
_REQUEST = argument("request", "uuid", "The deletion request.")

privacy_deadline = Function(
    id="privacy_deadline",
    db_schema="wall",
    arguments=(argument("asked_at", "timestamptz", "When the request arrived."),),
    returns="timestamptz",
    language="sql",
    volatility="immutable",
    definer=False,
    execute=(service_role,),
    why="A calendar month later in UTC; where it has no such day, its last: 31 January gives 28 or 29 February.",
)

erasing = inner_function(
    "erasing",
    "boolean",
    "Sealed and appended rows change only in the transaction that erases their person.",
    argument("subject", "uuid", "The person; null asks whether anybody is erased in this transaction."),
)

erased = inner_function(
    "erased",
    "boolean",
    "Whether a person has a tombstone: their data was erased, or is about to be.",
    _PERSON,
)

tombstone = inner_function(
    "tombstone",
    "bytea",
    "What stands for an erased person: SHA-256 over this database's own key and their id.",
    _PERSON,
    derived=True,
)

lock_number = inner_function(
    "lock_number",
    "bigint",
    "The number of an advisory lock. Nobody can guess it, because it depends on this database's secret key.",
    argument("name", "text", "What is locked, in words of its own."),
)

made_here = inner_function(
    "made_here",
    "boolean",
    "Tells whether this transaction created both the account and the deletion request, and updated no account.",
    _REQUEST,
    volatility="volatile",
)

erasure_settled = inner_function(
    "erasure_settled",
    "boolean",
    "Whether every transaction has ended that could have missed the tombstone.",
    _REQUEST,
    volatility="volatile",
)

erasure_pause = inner_function(
    "erasure_pause",
    "text",
    "Why an erasure has to wait: an open dispute, or a hold on one of the person's rows; null when nothing stops it.",
    _PERSON,
    derived=True,
)

erasure_left = inner_function(
    "erasure_left",
    "setof text",
    "The columns that still name a person; none after an erasure.",
    _PERSON,
    derived=True,
)

lock_rows_of_person = inner_function(
    "lock_rows_of_person",
    "void",
    "Locks every row that an erasure touches, without waiting for anybody: it fails at once where somebody else works.",
    _PERSON,
    volatility="volatile",
    derived=True,
)

erase_rows = inner_function(
    "erase_rows",
    "table(table_name text, affected bigint)",
    "Erases one person from every table, each column as its rule says, and counts what it touched.",
    _PERSON,
    _REQUEST,
    volatility="volatile",
    derived=True,
)

note_step = inner_function(
    "note_step",
    "void",
    "Moves a step of a request to done, and writes it first if it is not there.",
    _REQUEST,
    argument("place", "integer", "Its place in the order."),
    argument("step", "text", "Name of the step."),
    argument("done", "boolean", "False to plan it only."),
    volatility="volatile",
)

begin_erasure = inner_function(
    "begin_erasure",
    "void",
    "Writes the tombstone and plans the steps; from its commit on nothing new is written for the person.",
    _REQUEST,
    _PERSON,
    volatility="volatile",
)

note_pause = inner_function(
    "note_pause",
    "void",
    "Writes an audit line when an erasure is paused, once for each reason.",
    _REQUEST,
    argument("why", "text", "The reason's code."),
    volatility="volatile",
)

finish_erasure = inner_function(
    "finish_erasure",
    "text",
    "What a request still waits for once the rows are gone: files, processors, or nothing, and then it is done.",
    _REQUEST,
    volatility="volatile",
)

audit_code = inner_function(
    "audit_code",
    "text",
    "The code that stands for a person in the audit trail; null for an id that is nobody's.",
    _PERSON,
    volatility="volatile",
)

erase_subject = Function(
    id="erase_subject",
    db_schema="public",
    arguments=(argument("privacy_request_id", "uuid", "A deletion request that is running."),),
    returns="table(table_name text, affected bigint, state text, reason text)",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Erases one person; call it again until the state is done. Each call goes as far as it can without waiting.",
)

finish_storage_deletion = Function(
    id="finish_storage_deletion",
    db_schema="public",
    arguments=(argument("deletion_id", "uuid", "The listed file."),),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Notes that storage has deleted a listed file, and forgets its path; false when that was noted before.",
)

ERASURE = (
    privacy_deadline,
    erasing,
    erased,
    tombstone,
    lock_number,
    made_here,
    erasure_settled,
    erasure_pause,
    erasure_left,
    lock_rows_of_person,
    erase_rows,
    note_step,
    begin_erasure,
    note_pause,
    finish_erasure,
    audit_code,
    erase_subject,
    finish_storage_deletion,
)
