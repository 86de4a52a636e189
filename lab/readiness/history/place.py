"""Where the history of checks is: a file of SQLite, or a database of Postgres that several copies of the app share."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from lab.database.connect import DatabaseUnavailable, name_database
from lab.text.errors import LabError
from lab.text.product_files import home_folder

FILE_NAME = "history.sqlite"
URL_VARIABLE = "LAB_HISTORY_URL"


class HistoryUnavailable(LabError):
    """The history can't be used; says where it is, what was found and the next step. Nothing in it was changed."""


@dataclass(frozen=True)
class SharedHistory:
    """A history in Postgres; as a string it is host, port and database.

    Args:
        url: Its URL, which may hold a password.
        name: Its name for readers who may not see its host.
    """

    url: str = field(repr=False)
    name: str = URL_VARIABLE

    def __str__(self) -> str:
        """Name it for people; an invalid URL has no host to show."""
        try:
            return name_database(self.url)
        except DatabaseUnavailable:
            return URL_VARIABLE


History: TypeAlias = Path | SharedHistory


def find_history(environ: Mapping[str, str]) -> History:
    """Return where the history is: where LAB_HISTORY_URL leads, else a file in PERSISTENCE_LAB_HOME.

    A URL that leads nowhere is reported when the history is used.
    """
    url = environ.get(URL_VARIABLE)
    if url is None:
        return home_folder(environ) / FILE_NAME
    file = re.fullmatch(r"sqlite:///(?!:memory:)(.+)", url.strip())
    return Path(file[1]) if file else SharedHistory(url.strip())
