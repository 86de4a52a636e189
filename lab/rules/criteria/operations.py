"""What must hold for the running of a database server."""

from lab.rules.model import Severity
from lab.rules.words import criterion

CRITICAL, HIGH, MEDIUM, LOW, INFO = Severity

# fmt: off
version_old = criterion(
    "server_version", HIGH, 15, "The server is Postgres 15 or newer.",
    "Older versions lack what the wall is built with, such as views with their caller's rights.",
    "Upgrade the server; on Supabase under Settings, Infrastructure.",
)
not_durable = criterion(
    "server_durability", CRITICAL, 12, "What the server has confirmed survives a power cut.",
    "With fsync or full_page_writes off, one power cut can leave a database that no longer opens.",
    "Switch both on again; they are only ever off for throw-away data.",
)
not_encrypted = criterion(
    "server_encryption", CRITICAL, 11, "The connection to a server elsewhere is encrypted.",
    "Password and data pass in the clear, for everybody on the way to read.",
    "Add ?sslmode=verify-full to the URL, and enforce SSL on the server.",
)
pooled = criterion(
    "server_pooler", INFO, 15, "Whether a pooler stands in between is known.",
    "Behind a pooler in transaction mode neither dumps nor LISTEN work; migrations want the direct connection.",
    "Use the direct connection, or the pooler's session mode, for migrations and dumps.",
)
clock_skewed = criterion(
    "server_clock", MEDIUM, 15, "The server's clock and this machine's differ by less than five seconds.",
    "Leases, invitations and Stripe's signatures are all judged by the clock of whoever looks.",
    "Let both machines follow a time server.",
)
archive_failing = criterion(
    "server_archive", HIGH, 12, "Write-ahead log is archived as it is written.",
    "From the moment archiving fails or hangs, nothing can be restored to a later point, and the disk fills up.",
    "Read the server's log for what archive_command says; see whether its process still moves.",
)
slot_holding = criterion(
    "server_replication_slot", HIGH, 15, "No replication slot keeps more than a gigabyte of write-ahead log.",
    "A slot whose reader is gone keeps log until the disk is full and the server stops.",
    "Start the slot's reader again, or drop the slot when nothing will ever read it.",
)
queue_late = criterion(
    "server_queue_lag", MEDIUM, 6, "The oldest due job has waited for less than five minutes.",
    "Workers run, and do not keep up: deliveries come later and later.",
    "Start another worker.",
)
worker_silent = criterion(
    "server_worker", HIGH, 6, "When jobs are due, a worker works.",
    "Jobs are due and nobody takes them: nothing that was bought is delivered.",
    "Start a worker: whatever calls public.claim_delivery_jobs for the shop, and delivers what it is given.",
)
queue_bloated = criterion(
    "server_queue_bloat", MEDIUM, 6, "Most rows of the queue's table are alive.",
    "Every claim steps over the dead rows, and the queue gets slower the longer it goes on.",
    "See whether a long transaction keeps them from being removed, then vacuum the table.",
)
migration_missing = criterion(
    "server_migration_missing", HIGH, 2, "Every migration is applied.",
    "The server's code expects tables and functions that are not there.",
    "Apply what is missing: python -m lab migrate --apply.",
)
migration_edited = criterion(
    "server_migration_edited", HIGH, 2, "Every applied migration is the one in its file.",
    "Nobody can say any more what this database was built from.",
    "Restore the file that was applied, and write what changed as a new migration.",
)
migration_strange = criterion(
    "server_migration_unknown", MEDIUM, 2, "Every applied migration is known to this version of the project.",
    "The database is ahead of the code, or somebody changes it from elsewhere.",
    "Deploy the version that brought it, or find out who applied it.",
)
migration_locked = criterion(
    "server_migration_lock", MEDIUM, 2, "Nobody has held the migrations' lock for five minutes.",
    "A deploy that broke off may still hold it; the next one waits for ever.",
    "See who it is in pg_stat_activity, and end that session when it is abandoned.",
)
transaction_long = criterion(
    "server_long_transaction", MEDIUM, 15, "No transaction has been open for five minutes.",
    "While it is open, no dead row is removed, and whatever it has locked stays locked.",
    "See who it is in pg_stat_activity, and end that session when it is abandoned.",
)
connections_short = criterion(
    "server_connections", MEDIUM, 15, "A fifth of the connections is free.",
    "With the last one taken, the site's next request is refused.",
    "Connect through the pooler, or close what nobody uses.",
)
numbers_short = criterion(
    "server_transaction_numbers", HIGH, 15, "Fewer than half of the transaction numbers are used up.",
    "When they run out, the server refuses every write until it has been vacuumed by hand.",
    "See what keeps autovacuum from its work, and vacuum the oldest database.",
)
unlimited = criterion(
    "server_statement_timeout", LOW, 15, "Requests of visitors and of signed-in people end within five minutes.",
    "One endless query of anybody can hold a connection for ever, and many can take them all.",
    "Set statement_timeout for the role: alter role ... set statement_timeout = '8s'.",
)

CRITERIA = (
    version_old, not_durable, not_encrypted, pooled, clock_skewed, archive_failing, slot_holding, queue_late,
    worker_silent, queue_bloated, migration_missing, migration_edited, migration_strange, migration_locked,
    transaction_long, connections_short, numbers_short, unlimited,
)
# fmt: on
