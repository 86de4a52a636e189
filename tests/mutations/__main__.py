"""Try all mutants and harmless changes, and print how many were found and repaired: `python -m tests.mutations`."""

import argparse
import time
from collections import Counter

import psycopg

from fixtures import servers
from fixtures.mutations.disguises import disguises
from fixtures.mutations.harmless import HARMLESS
from fixtures.mutations.sample import all_mutants, choose
from lab.checks.schema.expected import load_expected
from lab.database.embedded.programs import MAJORS
from tests.mutations.trial import try_mutant, weighing


def run(major: int, part: float) -> None:
    database = servers.clone_database(servers.start_server(major), "migrated")
    started = time.monotonic()
    tally: Counter[tuple[str, str]] = Counter()
    mutants = [*all_mutants(major), *disguises(load_expected(major))]
    with psycopg.connect(database.admin_url, prepare_threshold=None) as connection:
        for mutant in choose(mutants, round(len(mutants) * part), seed="all"):
            outcome = try_mutant(connection, mutant)
            kind = "refused" if outcome.refused else "tried"
            tally[mutant.family, kind] += 1
            tally[mutant.family, "found"] += outcome.found
            tally[mutant.family, "repaired"] += outcome.repaired
            if not outcome.refused and not (outcome.found and outcome.repaired):
                print(f"  {mutant.name}: {outcome.trouble[:300] or 'not found'}")
        alarms = [name for name in HARMLESS if alarm(connection, name)]
    print(f"\nPostgres {major}: {time.monotonic() - started:.0f} s")
    for family in [*sorted({family for family, _ in tally}), ""]:
        counts = {
            k: sum(n for (f, kk), n in tally.items() if kk == k and family in (f, ""))
            for k in ("tried", "found", "repaired", "refused")
        }
        print(
            f"{family or 'all':18} found {counts['found']}/{counts['tried']}, repaired {counts['repaired']}/"
            f"{counts['tried']}, refused by Postgres {counts['refused']}"
        )
    print(f"false alarms {len(alarms)}/{len(HARMLESS)} {alarms or ''}", flush=True)
    servers.drop_database(database)


def alarm(connection: psycopg.Connection, name: str) -> bool:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(HARMLESS[name].encode())
            return bool(weighing(connection))
    except psycopg.errors.FeatureNotSupported:
        return False  # an extension that this server does not have


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--major", type=int, action="append", help="Postgres major version; may be repeated")
    parser.add_argument("--part", type=float, default=1.0, help="how many of them, from 0 to 1")
    arguments = parser.parse_args()
    handle = servers.open_run()
    try:
        for major in arguments.major or MAJORS:
            run(major, arguments.part)
    finally:
        servers.close_run(handle)


if __name__ == "__main__":
    main()
