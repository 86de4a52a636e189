"""What must hold for the running of a database server."""

from lab.rules.constructors import criterion
from lab.rules.model import Severity

CRITICAL, HIGH, MEDIUM, LOW, INFO = Severity

# fmt: off
version_old = criterion(
    "server_version", HIGH, 15, "The server is Postgres 15 or newer.",
    "Older versions lack features that the schema needs, such as views with security_invoker.",
    "Upgrade the server; on Supabase under Settings, Infrastructure.",
)
not_durable = criterion(
    "server_durability", CRITICAL, 12, "Confirmed writes survive a power cut.",
    "With fsync or full_page_writes off, one power cut can leave a database that no longer opens.",
    "Switch both on again. They may be off only for data that can be lost.",
)
writes_lost = criterion(
    "server_acknowledged_writes", MEDIUM, 12, "A write that was acknowledged survives a crash of the server.",
    "With this setting a crash can lose payments and consents that the site has already confirmed.",
    "Reset it in the server's configuration, and reload the configuration.",
)
words_logged = criterion(
    "server_log", LOW, 9, "The server's log holds no statements of people.",
    "Whoever reads the log reads questions, answers and addresses, and an erasure does not reach it.",
    "Reset it in the server's configuration. Delete the logs that were written with it.",
)
library_loaded = criterion(
    "server_libraries", MEDIUM, 11, "Sessions load only libraries that the platform brings.",
    "The code of a library runs in every session, with its rights. A missing library refuses every login.",
    "Find out who uses it. If nobody does, remove it from the server's configuration.",
)
time_short = criterion(
    "server_time_limits", MEDIUM, 15, "Usual requests end before any time limit of the server.",
    "Requests of the Data API end with an error.",
    "Set a longer limit in the server's configuration.",
)
not_encrypted = criterion(
    "server_encryption", CRITICAL, 11, "The connection to a remote server is encrypted.",
    "Password and data are sent unencrypted, so others on the network can read them.",
    "Add ?sslmode=verify-full to the URL, and enforce SSL on the server.",
)
pooled = criterion(
    "server_pooler", INFO, 15, "The check can tell whether the connection uses a pooler.",
    "Dumps, LISTEN and migrations do not work through a pooler in transaction mode.",
    "Use the direct connection, or the pooler's session mode, for migrations and dumps.",
)
clock_skewed = criterion(
    "server_clock", MEDIUM, 15, "The server's clock and this machine's differ by less than five seconds.",
    "Leases, invitations and Stripe's signatures depend on the clock.",
    "Synchronize both machines with a time server.",
)
archive_failing = criterion(
    "server_archive", HIGH, 12, "The write-ahead log is archived without delay.",
    "When archiving fails, later data cannot be restored, and the disk fills up.",
    "Read the output of archive_command in the server's log, and check that its process still runs.",
)
slot_holding = criterion(
    "server_replication_slot", HIGH, 15, "No replication slot keeps more than a gigabyte of write-ahead log.",
    "A slot without a reader keeps log until the disk is full and the server stops.",
    "Start the slot's reader again, or drop the slot if nothing reads it any more.",
)
queue_late = criterion(
    "server_queue_lag", MEDIUM, 6, "The oldest due job has waited for less than five minutes.",
    "The workers are too slow, so deliveries are late.",
    "Start another worker.",
)
worker_silent = criterion(
    "server_worker", HIGH, 6, "A worker claims due jobs.",
    "Jobs are due and no worker takes them, so purchases are not delivered.",
    "Start a worker: the program that calls public.claim_delivery_jobs and delivers the jobs.",
)
queue_bloated = criterion(
    "server_queue_bloat", MEDIUM, 6, "Most rows of the queue's table are live.",
    "Every claim also reads the dead rows, so the queue becomes slower.",
    "End long transactions that keep the dead rows, then vacuum the table.",
)
migration_missing = criterion(
    "server_migration_missing", HIGH, 2, "Every migration is applied.",
    "The server's code expects tables and functions that are missing.",
    "Apply the missing migrations: python -m lab migrate --apply.",
)
migration_edited = criterion(
    "server_migration_edited", HIGH, 2, "Every applied migration is the one in its file.",
    "The file was edited after it was applied, so nobody can tell how this database was built.",
    "Restore the file that was applied, and write what changed as a new migration.",
)
migration_strange = criterion(
    "server_migration_unknown", MEDIUM, 2, "Every applied migration is known to this version of the project.",
    "The database is newer than the code, or another version of the project changed it.",
    "Deploy the version that has this migration, or find out who applied it.",
)
migration_locked = criterion(
    "server_migration_lock", MEDIUM, 2, "No session holds the migration lock for five minutes or longer.",
    "A cancelled deploy may still hold the lock, so the next one waits forever.",
    "Find the session in pg_stat_activity, and terminate it if it is abandoned.",
)
transaction_long = criterion(
    "server_long_transaction", MEDIUM, 15, "No transaction is open for five minutes or longer.",
    "While it is open, it keeps its locks, and vacuum cannot remove dead rows.",
    "Find the session in pg_stat_activity, and terminate it if it is abandoned.",
)
connections_short = criterion(
    "server_connections", MEDIUM, 15, "At least a fifth of the connections are free.",
    "Without a free connection the site's requests are refused.",
    "Connect through the pooler, or close unused connections.",
)
numbers_short = criterion(
    "server_transaction_numbers", HIGH, 15, "Fewer than half of the transaction numbers are used up.",
    "When they run out, the server refuses all writes until somebody vacuums it.",
    "Find out what blocks autovacuum, and vacuum the database with the oldest rows.",
)
unlimited = criterion(
    "server_statement_timeout", LOW, 15, "Requests of visitors and signed-in people are limited to five minutes.",
    "An endless query holds its connection forever, and many of them take all connections.",
    "Set statement_timeout for the role: alter role ... set statement_timeout = '8s'.",
)

CRITERIA = (
    version_old, not_durable, writes_lost, words_logged, library_loaded, time_short, not_encrypted, pooled, clock_skewed, archive_failing, slot_holding, queue_late,
    worker_silent, queue_bloated, migration_missing, migration_edited, migration_strange, migration_locked,
    transaction_long, connections_short, numbers_short, unlimited,
)
# fmt: on
