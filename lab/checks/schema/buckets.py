"""Tells which buckets of files may hold readings, which are PDFs. Pure."""

import re
from collections.abc import Sequence

_PDF = {"application/pdf", "application/*", "*/*", "application/octet-stream"}
# Words in the names of buckets for pictures, whatever types they accept.
_PICTURES = re.compile(r"avatar|image|img|photo|picture|logo|icon|banner|cover|thumb", re.IGNORECASE)


def may_hold_readings(name: str, types: Sequence[str] | None) -> bool:
    """Tell whether a bucket accepts PDFs, and is not for pictures by its name.

    Args:
        name: Its id.
        types: The file types that it accepts; None when it accepts every type.
    """
    return (types is None or bool(_PDF & {one.strip().lower() for one in types})) and not _PICTURES.search(name)
