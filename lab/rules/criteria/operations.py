"""What must hold for the running of a database server."""

from lab.rules.constructors import criterion
from lab.rules.model import Severity

CRITICAL, HIGH, MEDIUM, LOW, INFO = Severity

# fmt: off
version_old = criterion(
    "server_version", HIGH, 15, "The server is Postgres 15 or newer.",
    "Older versions lack features that the schema needs, such as views with security_invoker.",
    "Upgrade the server; on Supabase under Settings, Infrastructure.",
    example="The server is Postgres 14.",
    accept="Until the date of the upgrade, and only before the launch.",
)
not_durable = criterion(
    "server_durability", CRITICAL, 12, "Confirmed writes survive a power cut.",
    "With fsync or full_page_writes off, one power cut can leave a database that no longer opens.",
    "Switch both on again. They may be off only for data that can be lost.",
    example="`fsync` is off.",
    accept="On a database whose data can be lost, such as one for tests.",
)
writes_lost = criterion(
    "server_acknowledged_writes", MEDIUM, 12, "A write that was acknowledged survives a crash of the server.",
    "With this setting a crash can lose payments and consents that the site has already confirmed.",
    "Reset it in the server's configuration, and reload the configuration.",
    example="`synchronous_commit` is off.",
    accept="On a database whose data can be lost, such as one for tests.",
)
words_logged = criterion(
    "server_log", LOW, 9, "The server's log holds no statements of people.",
    "Whoever reads the log reads questions, answers and addresses, and an erasure does not reach it.",
    "Reset it in the server's configuration. Delete the logs that were written with it.",
    example="`log_statement` is `all`.",
    accept="During an investigation of a few days. Delete the log afterwards.",
)
library_loaded = criterion(
    "server_libraries", MEDIUM, 11, "Sessions load only libraries that the platform brings.",
    "The code of a library runs in every session, with its rights. A missing library refuses every login.",
    "Find out who uses it. If nobody does, remove it from the server's configuration.",
    example="`session_preload_libraries` names a library that the platform does not bring.",
    accept="When you know who maintains the library and why it is needed.",
)
time_short = criterion(
    "server_time_limits", MEDIUM, 15, "Usual requests end before any time limit of the server.",
    "Requests of the Data API end with an error.",
    "Set a longer limit in the server's configuration.",
    example="`statement_timeout` of the server is 100 ms.",
    accept="During a load test.",
)
not_encrypted = criterion(
    "server_encryption", CRITICAL, 11, "The connection to a remote server is encrypted.",
    "Password and data are sent unencrypted, so others on the network can read them.",
    "Add ?sslmode=verify-full to the URL, and enforce SSL on the server.",
    example="The URL has `sslmode=disable`, and the host is not this machine.",
    accept="Never across a network that others use.",
)
pooled = criterion(
    "server_pooler", INFO, 15, "The check can tell whether the connection uses a pooler.",
    "Dumps, LISTEN and migrations do not work through a pooler in transaction mode.",
    "Use the direct connection, or the pooler's session mode, for migrations and dumps.",
    example="The port is 6543, and the server does not say whether a pooler answers.",
    accept="There is no need: information does not fail a check.",
)
clock_skewed = criterion(
    "server_clock", MEDIUM, 15, "The server's clock and this machine's differ by less than five seconds.",
    "Leases, invitations and Stripe's signatures depend on the clock.",
    "Synchronize both machines with a time server.",
    example="The server's clock is 40 seconds ahead.",
    accept="Never: synchronize the clocks.",
)
archive_failing = criterion(
    "server_archive", HIGH, 12, "The write-ahead log is archived without delay.",
    "When archiving fails, later data cannot be restored, and the disk fills up.",
    "Read the output of archive_command in the server's log, and check that its process still runs.",
    example="`archive_command` has failed for an hour.",
    accept="On a database without data that must be restored.",
)
slot_holding = criterion(
    "server_replication_slot", HIGH, 15, "No replication slot keeps more than a gigabyte of write-ahead log.",
    "A slot without a reader keeps log until the disk is full and the server stops.",
    "Start the slot's reader again, or drop the slot if nothing reads it any more.",
    example="The slot `analytics` has no reader and keeps 12 GB.",
    accept="For a slot whose reader is being moved, for a few hours, while the disk has room.",
)
queue_late = criterion(
    "server_queue_lag", MEDIUM, 6, "The oldest due job has waited for less than five minutes.",
    "The workers are too slow, so deliveries are late.",
    "Start another worker.",
    example="A job has been due for 20 minutes.",
    accept="While a backlog is worked off, for a few hours.",
)
worker_silent = criterion(
    "server_worker", HIGH, 6, "A worker claims due jobs.",
    "Jobs are due and no worker takes them, so purchases are not delivered.",
    "Start a worker: the program that calls public.claim_delivery_jobs and delivers the jobs.",
    example="40 jobs are due, and none was claimed in the last minutes.",
    accept="During maintenance, while deliveries are stopped on purpose.",
)
queue_bloated = criterion(
    "server_queue_bloat", MEDIUM, 6, "Most rows of the queue's table are live.",
    "Every claim also reads the dead rows, so the queue becomes slower.",
    "End long transactions that keep the dead rows, then vacuum the table.",
    example="`public.delivery_jobs` has more dead rows than live ones.",
    accept="Until the next quiet hour.",
)
migration_missing = criterion(
    "server_migration_missing", HIGH, 2, "Every migration is applied.",
    "The server's code expects tables and functions that are missing.",
    "Apply the missing migrations: python -m lab migrate --apply.",
    example="The last migration was not applied to this database.",
    accept="Between a deploy of the code and its migration, for minutes.",
)
migration_edited = criterion(
    "server_migration_edited", HIGH, 2, "Every applied migration is the one in its file.",
    "The file was edited after it was applied, so nobody can tell how this database was built.",
    "Restore the file that was applied, and write what changed as a new migration.",
    example="The text of an applied migration differs from its file.",
    accept="Never: write what changed as a new migration.",
)
migration_strange = criterion(
    "server_migration_unknown", MEDIUM, 2, "Every applied migration is known to this version of the project.",
    "The database is newer than the code, or another version of the project changed it.",
    "Deploy the version that has this migration, or find out who applied it.",
    example="The database has a migration of a newer version of this project.",
    accept="During a rollback of the code, for a few days.",
)
migration_locked = criterion(
    "server_migration_lock", MEDIUM, 2, "No session holds the migration lock for five minutes or longer.",
    "A cancelled deploy may still hold the lock, so the next one waits forever.",
    "Find the session in pg_stat_activity, and terminate it if it is abandoned.",
    example="A session has held the lock for 20 minutes.",
    accept="While a long migration runs that you can see working.",
)
transaction_long = criterion(
    "server_long_transaction", MEDIUM, 15, "No transaction is open for five minutes or longer.",
    "While it is open, it keeps its locks, and vacuum cannot remove dead rows.",
    "Find the session in pg_stat_activity, and terminate it if it is abandoned.",
    example="A transaction has been idle for two hours.",
    accept="During a dump or a long report, until it ends.",
)
connections_short = criterion(
    "server_connections", MEDIUM, 15, "At least a fifth of the connections are free.",
    "Without a free connection the site's requests are refused.",
    "Connect through the pooler, or close unused connections.",
    example="95 of 100 connections are used.",
    accept="During a short peak that you expected.",
)
numbers_short = criterion(
    "server_transaction_numbers", HIGH, 15, "Fewer than half of the transaction numbers are used up.",
    "When they run out, the server refuses all writes until somebody vacuums it.",
    "Find out what blocks autovacuum, and vacuum the database with the oldest rows.",
    example="1.2 billion of 2.1 billion transaction numbers are used.",
    accept="While the vacuum that frees them runs.",
)
unlimited = criterion(
    "server_statement_timeout", LOW, 15, "Requests of visitors and signed-in people are limited to five minutes.",
    "An endless query holds its connection forever, and many of them take all connections.",
    "Set statement_timeout for the role: alter role ... set statement_timeout = '8s'.",
    example="The role `anon` has no `statement_timeout`.",
    accept="When another layer limits the requests, such as the platform's gateway.",
)

CRITERIA = (
    version_old, not_durable, writes_lost, words_logged, library_loaded, time_short, not_encrypted, pooled, clock_skewed, archive_failing, slot_holding, queue_late,
    worker_silent, queue_bloated, migration_missing, migration_edited, migration_strange, migration_locked,
    transaction_long, connections_short, numbers_short, unlimited,
)
# fmt: on
