"""Write sql/expected anew from the SQL of the rules, one file for each major: `python -m tests.snapshots`."""

from lab.checks.schema.expected import write_snapshots
from lab.migrations.apply import apply_migrations
from lab.sql import make_migrations
from tests import servers


def main() -> None:
    handle = servers.open_run()
    try:
        for major in servers.MAJORS:
            try:
                database = servers.clone_database(servers.start_server(major), "bare")
            except servers.NoServer as reason:
                print(reason)
                continue
            apply_migrations(database.url, make_migrations())
            print(*write_snapshots([database.url]))
    finally:
        servers.close_run(handle)


if __name__ == "__main__":
    main()
