"""Where the pages find the anchors of a target's ledgers."""

import os

from lab.anchor import AnchorSource, KeyFault, find_source


def find_anchors(target: str) -> AnchorSource | None:
    """Return the anchors that the environment names for a target; none without a key that may have signed them."""
    try:
        return find_source(os.environ, target=target)
    except KeyFault:
        return None
