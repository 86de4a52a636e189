"""Local Stripe for a block, whose end nobody waits for."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from lab.services.local_stripe import LocalStripe, serve_local_stripe


@contextlib.contextmanager
def serve_briefly(**options: Any) -> Iterator[LocalStripe]:
    """Serve until the block ends; it stops in a thread, because a server takes 0.2 s to end and no test needs that."""
    serving = serve_local_stripe(**options)
    local = serving.__enter__()
    try:
        yield local
    finally:
        threading.Thread(target=serving.__exit__, args=(None, None, None), daemon=True).start()
