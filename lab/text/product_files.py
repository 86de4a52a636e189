"""Where the product's own files are, and where it keeps what it writes.

In a checkout the files are in `sql/`, `fixtures/` and `pages/` beside `lab/`; a wheel has copies in `lab/files/`.
"""

import os
from collections.abc import Mapping
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
_PACKED = PACKAGE / "files"  # made by the wheel's build
INSTALLED = _PACKED.is_dir()

PROJECT = _PACKED if INSTALLED else PACKAGE.parent
SQL = PROJECT / "sql"
DEMO_FILE = PROJECT / "fixtures" / "demo.sql"
APP = PROJECT / "app.py"

HOME_VARIABLE = "PERSISTENCE_LAB_HOME"


def home_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where data is kept: in PERSISTENCE_LAB_HOME, else in `.lab/` of the checkout or of the current folder."""
    named = environ.get(HOME_VARIABLE, "").strip()
    return Path(named).expanduser() if named else work_folder() / ".lab"


def work_folder() -> Path:
    """Return where the files of a project are looked for: the checkout, or the current folder of an installed copy."""
    return Path.cwd() if INSTALLED else PROJECT
