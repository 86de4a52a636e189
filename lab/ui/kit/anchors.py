"""Where the pages find the anchors of a target's ledgers."""

import os

from lab.anchor import AnchorSource, find_source


def find_anchors(target: str) -> AnchorSource | None:
    """Return the anchors that the environment names for a target, with what is wrong with their keys."""
    return find_source(os.environ, target=target)
