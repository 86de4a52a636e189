"""Makes people with a row in every table, for one transaction."""

import re
import string
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from lab.checks.probes.attempts import LOGIN, PROBE_FOLDER, Attempt, Outcome, ProbeTransaction, Step
from lab.rules import RULES
from lab.rules.derived import quote_all
from lab.rules.model import Table, View

PEOPLE = ("a", "b", "guest", "refuser")  # the guest signs in anonymously, the refuser gave no consent
UNOWNED = "without an owner"  # stands for the owner of rows that name no person, and marks their block
REAL = ("public.erasure_keys",)  # its only possible row belongs to the database, and a lock on it would block others
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
LOWEST = -(1 << 62)  # made-up numbers are negative, and no sequence has negative values


class Filling(string.Template):
    """SQL with placeholders: `${a.scroll}` is the scroll of person a."""

    braceidpattern = r"[a-z][a-z0-9_.]*"


@dataclass(frozen=True)
class People(Mapping[str, str]):
    """The made-up people of one run; their names are constant in the run, and unique to it.

    Args:
        run: Makes the names of this run.
        rows: The rows that were made: table -> person -> keys, as text.
        refused: Blocks of rows that could not be made, by their names in people.sql.
    """

    run: uuid.UUID = field(default_factory=uuid.uuid4)
    rows: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)

    def __getitem__(self, name: str) -> str:
        """Return the value of a placeholder such as `a.scroll`, `a.n.job` or `a.canary`."""
        person, _, word = name.partition(".")
        made = uuid.uuid5(self.run, name)
        if word.startswith("n."):
            return str(LOWEST + (made.int % (1 << 60)))
        match word:
            case "token" | "slug":
                return made.hex
            case "mark":
                return self.canary(person)
            case "canary":
                return f"canary {self.canary(person)}"
            case "consenting":
                return str(person != "refuser").lower()
            case "purposes":
                return quote_all(tuple(consent.id for consent in RULES.consents))
            case "notices":
                return quote_all(tuple(notice.id for notice in RULES.notices))
            case "jobs":
                return quote_all(tuple(job.id for job in RULES.jobs))
        return str(made)

    def __iter__(self) -> Iterator[str]:
        """Yield the people."""
        return iter(PEOPLE)

    def __len__(self) -> int:
        """Count the people."""
        return len(PEOPLE)

    def canary(self, person: str) -> str:
        """Return the word that only the private texts of a person contain; it has letters alone, unlike an id."""
        return uuid.uuid5(self.run, f"canary of {person}").hex.translate(_LETTERS)

    def fill(self, text: str) -> str:
        """Fill in the placeholders of a text."""
        return Filling(text).substitute(self)

    def bind(self, statement: str) -> tuple[str, tuple[str, ...]]:
        """Return a statement with $1, $2, … for its placeholders, and their values as text."""
        names = list(dict.fromkeys(found["braced"] for found in Filling.pattern.finditer(statement) if found["braced"]))
        places = {name: f"${number}" for number, name in enumerate(names, 1)}
        return Filling(statement).substitute(places), tuple(self[name] for name in names)

    def made(self, table: Table, *people: str) -> list[str]:
        """Return the keys of made-up rows in a table: those of some people, or all of them."""
        made = self.rows.get(table.qualified, {})
        return [key for person in people or (*PEOPLE, UNOWNED) for key in made.get(person, [])]

    def has(self, block: str) -> bool:
        """Tell whether the rows of a block were made, and person a has one in its table."""
        made = self.rows.get(block.partition(",")[0], {})
        return block not in self.refused and bool(made.get("a"))

    def where(self, table: Table, *people: str) -> str:
        """Return the condition that finds only made-up rows: those of some people, or all."""
        return self.find(table, self.made(table, *people))

    def find(self, table: Table, keys: Sequence[str]) -> str:
        """Return the condition that finds rows by the primary key."""
        listed = ", ".join(f"'{key}'" for key in keys)
        return f"{key_of(table)} = any (array[{listed}]::{table.column(key_of(table)).type}[])"

    def shown(self, view: View, *people: str) -> str:
        """Return the condition on a view v that finds only made-up rows: those of some people, or all."""
        kind = view.shows.column(key_of(view.shows)).type
        listed = ", ".join(f"'{key}'" for key in self.made(view.shows, *people))
        return f"v.{view.key} = any (array[{listed}]::{kind}[])"

    def owner(self, table: Table, key: str) -> str:
        """Return the person that a row belongs to."""
        return next((person for person, keys in self.rows.get(table.qualified, {}).items() if key in keys), "")


def key_of(table: Table) -> str:
    """Return the column that identifies rows: the last of the primary key, because chains have their name before it."""
    return table.primary_key[-1]


@cache
def _blocks() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Read the statements that make one person, by table."""
    parts = re.split(r"^-- table: (.+)\n", (PROBE_FOLDER / "people.sql").read_text(), flags=re.MULTILINE)
    texts = zip(parts[1::2], parts[2::2], strict=True)
    return tuple((table, tuple(s.strip() for s in text.split(";\n") if s.strip())) for table, text in texts)


def made_tables() -> tuple[str, ...]:
    """Return the tables in which rows are made."""
    return tuple(table for table, _ in _blocks() if "," not in table)


def write_people(transaction: ProbeTransaction, people: People, *, quiet: bool = False) -> list[tuple[str, Outcome]]:
    """Make the rows of all people, kept until the transaction ends; return the tables that refused, and the outcomes.

    Args:
        transaction: The transaction of the probes.
        people: The people; the keys of their rows are added to it.
        quiet: Whether ordinary triggers, which are not ours, are off while people are made.
    """
    names = [name for name, _ in _blocks()]
    attempts = [Attempt(tuple(_steps(table, statements, people)), keep=True) for table, statements in _blocks()]
    if quiet:
        attempts[0] = Attempt((_rest("replica"), *attempts[0].steps, _rest("origin")), keep=True)
    made = list(zip(names, transaction.make(attempts), strict=True))
    people.refused.update(name for name, outcome in made if outcome.state)
    for name, outcome in made:
        table, _, note = name.partition(", ")
        if not outcome.state and note in ("", UNOWNED):
            whose = PEOPLE if not note else (UNOWNED,)
            keys = dict(zip(whose, (list(answer or []) for answer in outcome.answers), strict=True))
            people.rows[table] = people.rows.get(table, {}) | keys
    if "auth.users" in people.rows:  # only now, because an anonymous sign-in would get no Passport
        became = people.fill("update auth.users set is_anonymous = true where id = '${guest.subject}'")
        rest = (_rest("replica"), _rest("origin")) if quiet else ()
        transaction.make_one(*rest[:1], Step(LOGIN, became), *rest[1:], keep=True)
    return [(table.partition(",")[0], outcome) for table, outcome in made if outcome.state]


def _rest(role: str) -> Step:
    return Step(LOGIN, f"select set_config('session_replication_role', '{role}', true)")


def _steps(name: str, statements: tuple[str, ...], people: People) -> Iterator[Step]:
    table, _, note = name.partition(", ")
    if note == UNOWNED:  # the first statement makes the row, others remove its person
        first, *others = (people.fill(statement) for statement in statements)
        yield Step(LOGIN, _returning(table, first), "answer")
        yield from (Step(LOGIN, other.rstrip(";")) for other in others)
        return
    for person in PEOPLE:
        for statement in statements:
            text = Filling(statement.replace("${", "${" + person + ".")).substitute(people)
            returned = statement.startswith(("insert", "select"))
            yield Step(LOGIN, _returning(table, text), "answer" if returned else "rows")


def _returning(table: str, statement: str) -> str:
    if not statement.startswith("insert"):
        return statement.rstrip(";")
    key = next((key_of(one) for one in RULES.tables if one.qualified == table), "id")
    return f"with made as ({statement.rstrip(';')} returning {key}::text as key) select jsonb_agg(key) from made"
