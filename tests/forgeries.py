"""Tries thousands of forgeries by a superuser against anchored ledgers: `python -m tests.forgeries [COUNT] [SEED]`."""

import sys

from fixtures import servers
from lab.database.embedded.programs import MAJORS
from tests.anchors.trial import try_all


def main(count: int = 2_400, seed: int = 1) -> int:
    """Run them on the newest server, in one transaction that is rolled back; print what was not named."""
    handle = servers.open_run()
    try:
        server = servers.start_server(max(MAJORS))
        database = servers.clone_database(server, "migrated")
        kinds, wrong, seconds = try_all(database.admin_url, count, seed)
        servers.drop_database(database)
    finally:
        servers.close_run(handle)
    for kind, number in sorted(kinds.items()):
        print(f"{number:5} {kind}")
    print("\n".join(wrong[:20]))
    print(f"{sum(kinds.values()) - len(wrong)} of {sum(kinds.values())} forgeries named, in {seconds:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
