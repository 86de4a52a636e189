"""The shape of an invariant: what must be true of the rows, with the query that counts offenders and the repair."""

from pydantic import Field

from lab.checks.criterion import Criterion
from lab.rules.model import Risk, Severity, Table
from lab.text.product_files import SQL

# A question that also proves a chapter stays with the chapters' questions, and is asked from there.
QUERY_FOLDERS = tuple(SQL / name for name in ("invariants", "checks"))
REPAIR_FOLDER = SQL / "repairs"


class Invariant(Criterion):
    """Something that must be true of the rows; the query of the same name counts those of which it is not."""

    table: Table = Field(description="Where the offenders are.")
    made: str | None = Field(default=None, description="The query itself, when it is made from the rules.")
    walks: Table | None = Field(default=None, description="Walked from its newest row backwards, as far as is allowed.")
    counts: str = Field(default="row", description="What the query counts, in the singular.")
    whole: str | None = Field(default=None, description="Another query, which is asked when all rows are to be walked.")
    repairs: bool = Field(default=False, description="True when sql/repairs has a file of the same name.")
    rests_on_ledger: bool = Field(
        default=False,
        description="Its repair sends or gives something: only while every ledger fits its anchors.",
    )
    risks: tuple[Risk, ...] = Field(default=(), description="The risks that it shows to have come true.")

    def query(self, *, whole: bool = False) -> str:
        """Return the query that counts offenders."""
        return self.made or read_query((whole and self.whole) or self.id)

    @property
    def repair(self) -> str | None:
        """Return the SQL that restores it, if SQL alone can."""
        return (REPAIR_FOLDER / f"{self.id}.sql").read_text().strip() if self.repairs else None


def read_query(name: str) -> str:
    """Return a query's text by its name."""
    path = next(path for folder in QUERY_FOLDERS if (path := folder / f"{name}.sql").exists())
    return path.read_text().strip()


def first_comment(query: str) -> str:
    """Return the sentences that head a query file: why it is asked."""
    return " ".join(line[2:].strip() for line in query.splitlines() if line.startswith("--"))


def declare(id: str, table: Table, title: str, severity: Severity, chapter: int, **options: object) -> Invariant:
    """Declare an invariant, whose query says itself why it is asked; options are the other fields of Invariant."""
    return Invariant.model_validate(
        {
            "id": id,
            "table": table,
            "title": title,
            "severity": severity,
            "chapter": chapter,
            "why": first_comment(str(options.get("made") or read_query(id))),
            **options,
        }
    )
