"""The made-up shop that every example acts in: one text of SQL, and ids that are the same in each run."""

import uuid
from string import Template

from lab.text.product_files import SQL

FILE = SQL / "reference" / "sample.sql"
_NAMES = uuid.UUID("6f1d7a53-9f0e-4c8b-8d59-3f0a2be4c7d1")


class _Ids(dict[str, str]):
    """The ids by their names in the file, such as `ada`."""

    def __missing__(self, name: str) -> str:
        return id_of(name)


def id_of(name: str) -> str:
    """Return the id of a row of the made-up shop, such as `ada` or `pdf`."""
    return str(uuid.uuid5(_NAMES, name))


def fill(statement: str) -> str:
    """Return SQL with the ids of the names that it holds as ${name}."""
    return Template(statement).substitute(_Ids())


def list_statements() -> list[str]:
    """Return the statements that write the made-up shop, in their order."""
    text = "\n".join(line for line in FILE.read_text().splitlines() if not line.startswith("--"))
    return [fill(one.strip()) for one in text.split(";\n") if one.strip()]
