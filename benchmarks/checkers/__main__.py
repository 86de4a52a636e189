"""Compares our check with other checkers: `python -m benchmarks.checkers`.

A weakening is found if the checker's output differs from its output for a sound database, which is the most generous
reading; a failure counts, too. For a harmless change, another output is a false alarm. For our check, only a finding
above information counts in both cases. Every change is committed in a database of its own. The other checkers are
installed under `.lab/tools`. A checker that can't be used is shown as unknown.
"""

import json
import time

from benchmarks.checkers.sample import GROUPS
from benchmarks.checkers.table import compare_times, describe, write_text
from benchmarks.checkers.trial import Plan, run_trial
from benchmarks.timing import read_options
from fixtures import servers
from fixtures.mutations.harmless import HARMLESS


def main() -> None:
    """Run all trials, and print the tables."""
    options = read_options(__doc__, mutants=12 * len(GROUPS), harmless=len(HARMLESS), rounds=5)
    started, handle = time.monotonic(), servers.open_run()
    try:
        result = run_trial(Plan(mutants=options.mutants, harmless=options.harmless, rounds=options.rounds))
    finally:
        servers.close_run(handle)
    notes = [
        f"Postgres {result.version}; {options.rounds} measurements of each time, of which the median is shown.",
        "Warm: in a process that has everything loaded, with connecting.",
        compare_times(result),
        f"The whole run took {(time.monotonic() - started) / 60:.0f} minutes.",
    ]
    print(json.dumps(describe(result) | {"notes": notes}, indent=2) if options.json else write_text(result, notes))


if __name__ == "__main__":
    main()
