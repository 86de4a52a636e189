"""What was looked at, what was seen, and what to do about it."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Literal, NamedTuple

from lab.text.product_files import home_folder, work_folder

State = Literal["ok", "wrong", "unknown", "not used"]


class Sign(NamedTuple):
    """One thing that was looked at.

    Args:
        name: What it is.
        state: Whether it is as it should be; "not used" is optional and absent.
        seen: What was seen; never a secret.
        remedy: What to do; empty when there is nothing to do.
    """

    name: str
    state: State
    seen: str
    remedy: str = ""


def find_version(package: str) -> str | None:
    """Return the installed version of a package; None when it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


@dataclass(frozen=True, kw_only=True)
class Setup:
    """The machine and the settings that are examined.

    Args:
        environ: The environment of this process.
        now: The time, with its time zone.
        python: The version of Python, as numbers.
        requirements: The lock of packages.
        home: Where data is kept.
        secrets: Streamlit's secrets.
        port: Where the app listens.
        version_of: Returns the installed version of a package.
    """

    environ: Mapping[str, str] = field(repr=False)
    now: datetime
    python: tuple[int, ...] = field(default_factory=lambda: tuple(sys.version_info[:3]))
    requirements: Path = field(default_factory=lambda: work_folder() / "requirements.txt")
    home: Path = field(default_factory=lambda: home_folder(os.environ))
    secrets: Path = field(default_factory=lambda: work_folder() / ".streamlit" / "secrets.toml")
    port: int = 8501
    version_of: Callable[[str], str | None] = find_version
