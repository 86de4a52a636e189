"""`python -m lab.services.local_stripe`: serves Local Stripe until it is interrupted."""

import argparse
import contextlib
import signal
import sys
import time

from lab.services.local_stripe.server import serve_local_stripe
from lab.text.errors import LabError


def main(arguments: list[str] | None = None) -> int:
    """Serve, and say where."""
    parser = argparse.ArgumentParser(prog="python -m lab.services.local_stripe", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=0, help="where to listen on 127.0.0.1; 0, the default, is a free port"
    )
    parser.add_argument("--seed", help="the same seed gives the same ids to the same calls")
    chosen = parser.parse_args(arguments)
    for ending in (signal.SIGINT, signal.SIGTERM):  # a shell's background job begins with SIGINT ignored
        signal.signal(ending, signal.default_int_handler)
    try:
        with serve_local_stripe(port=chosen.port, seed=chosen.seed) as local, contextlib.suppress(KeyboardInterrupt):
            print(f"Local Stripe: {local.url} with the key {local.key}. No money moves.", flush=True)
            print(f"Control page: {local.url}/_local/", flush=True)
            while True:
                time.sleep(1)
    except LabError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
