"""Write fixtures/catalogue anew, one file for each major there is: `python -m tests.snapshots`."""

from lab.snapshot import write_snapshots
from tests import servers


def main() -> None:
    handle = servers.open_run()
    try:
        for major in servers.MAJORS:
            try:
                database = servers.clone_database(servers.start_server(major), "migrated")
            except servers.NoServer as reason:
                print(reason)
                continue
            print(*write_snapshots([database.url]))
    finally:
        servers.close_run(handle)


if __name__ == "__main__":
    main()
