"""The expected catalogues: what Postgres has for a database made from the rules alone, one file for each major."""

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from lab.checks.schema.catalogue import Catalogue
from lab.checks.schema.read import read_catalogue
from lab.database.connect import connect
from lab.sql import fingerprint_schema
from lab.text.errors import LabError
from lab.text.product_files import SQL
from lab.text.whole_files import write_whole

EXPECTED_FOLDER = SQL / "expected"


class NoExpectedCatalogue(LabError):
    """There is no expected catalogue for this Postgres."""


def majors() -> tuple[int, ...]:
    """Return the majors that have an expected catalogue, in order."""
    return tuple(sorted(int(path.stem) for path in EXPECTED_FOLDER.glob("*.json")))


@lru_cache(maxsize=8)
def load_expected(major: int) -> Catalogue:
    """Return the expected catalogue of a major version; for a newer major, that of the newest known one.

    Raises:
        NoExpectedCatalogue: The version is older than all that are known.
    """
    known = [number for number in majors() if number <= major]
    if not known:
        found = f"the rules are known for {', '.join(map(str, majors()))}"
        raise NoExpectedCatalogue(f"Postgres {major}", found, "Upgrade it")
    return Catalogue.model_validate_json((EXPECTED_FOLDER / f"{known[-1]}.json").read_text())


def make_expected(url: str) -> str:
    """Return a database's catalogue as the text of an expected one: sorted, without facts that vary between runs."""
    with connect(url, read_only=True) as connection:
        catalogue = read_catalogue(connection)
    told = {"version": str(catalogue.major), "made_from": fingerprint_schema()}
    facts = catalogue.model_dump(mode="json", exclude={"unknown"}) | told
    return json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write_expected(urls: Iterable[str], folder: Path = EXPECTED_FOLDER) -> list[Path]:
    """Write the expected catalogues; return their paths.

    Args:
        urls: Freshly migrated databases on a bare bootstrap, one of each major.
        folder: Where they are written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {folder / f"{json.loads(text)['major']}.json": text for text in map(make_expected, urls)}
    write_whole(texts)
    return list(texts)
