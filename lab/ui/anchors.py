"""Where the pages find the anchors of a target's ledgers."""

import os
from pathlib import Path

from lab.anchor import AnchorSource, KeyFault, find_source


def find_anchors(target: str) -> AnchorSource | None:
    """Return the anchors that the environment names for a target, with what is wrong with their keys."""
    try:
        return find_source(os.environ, target=target)
    except KeyFault as error:
        return AnchorSource(Path(), (), fault=str(error))
