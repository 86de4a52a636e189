"""Writes the pages that explain each kind of finding, as Markdown. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from lab.checks.explanation import Explanation
from lab.checks.finding import Finding
from lab.readiness.explanations import list_explanations

_MADE = "<!-- Made from the declarations by `python -m lab findings --out docs/findings`. -->"
_LONGEST = 30  # lines of a repair that an example shows


def write_pages(found: Mapping[str, Finding]) -> dict[str, str]:
    """Return every page by its file's name, and the list of them.

    Args:
        found: By kind, the finding that its example causes.
    """
    every = {one.id: one for one in list_explanations().values()}
    pages = {f"{id_}.md": write_page(one, found.get(id_)) for id_, one in every.items()}
    return {"README.md": _write_list(every.values()), **pages}


def write_page(explanation: Explanation, found: Finding | None = None) -> str:
    """Return the page of one kind of finding, with what its example causes when that is known."""
    severity = explanation.severity.value if explanation.severity else "by what is exposed, and to whom"
    head = [f"# {explanation.title.removesuffix('.')}", "", _MADE, ""]
    facts = [f"`{explanation.id}` · found by: {explanation.family} · severity: {severity}", ""]
    parts = [*_write_example(explanation, found), *_write_repair(explanation, found)]
    accept = ["## When to accept it", "", explanation.accept, ""]
    lines = [*head, *facts, "## What it means", "", explanation.means, "", *parts, *accept, *_write_table(explanation)]
    return "\n".join(lines).rstrip() + "\n"


def _write_example(explanation: Explanation, found: Finding | None) -> Iterator[str]:
    yield from ("## Example", "")
    if explanation.is_sql:
        yield from (*_fence(explanation.example), "")
    elif explanation.example:
        yield from (explanation.example, "")
    if explanation.query:
        yield from ("This query counts what breaks the rule:", "", *_fence(explanation.query), "")
    if found:
        yield from (f"The check then reports, with severity {found.severity.value}:", "")
        yield from (f"> **{found.heading}.** {found.why}", ">", f"> Expected: {_code(found.expected)}", ">")
        yield from (f"> Seen: {_code(found.seen)}", "")


def _write_repair(explanation: Explanation, found: Finding | None) -> Iterator[str]:
    yield from ("## Repair", "", explanation.repair, "")
    if found and found.decide:
        yield from (f"In the example: {found.decide}", "")
    sql = explanation.repair_sql or (found.repair.sql if found and found.repair else "")
    if sql:
        lines = sql.splitlines()
        more = [f"-- … and {len(lines) - _LONGEST} more lines"] if len(lines) > _LONGEST else []
        yield from (*_fence("\n".join([*lines[:_LONGEST], *more])), "")


def _write_table(explanation: Explanation) -> Iterator[str]:
    if explanation.differences:
        yield from ("## What can differ", "", "| what | severity | why it matters |", "|---|---|---|")
        yield from (f"| {' | '.join(_cell(cell) for cell in row)} |" for row in explanation.differences)


def _write_list(every: Iterable[Explanation]) -> str:
    told = "What each kind of finding means, with an example, its repair, and when to accept it."
    lines = ["# Findings", "", _MADE, "", told, ""]
    families: dict[str, list[Explanation]] = {}
    for one in every:
        families.setdefault(one.family, []).append(one)
    for family, held in families.items():
        rows = [f"- [{_cell(one.title.removesuffix('.'))}]({one.id}.md)" for one in held]
        lines += [f"## {family.capitalize()}", "", *rows, ""]
    return "\n".join(lines).rstrip() + "\n"


def _fence(sql: str) -> list[str]:
    return ["```sql", sql, "```"]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _code(text: str) -> str:
    line = " ".join(text.split())
    return f"`{line[:300].replace('`', '')}{'…' if len(line) > 300 else ''}`"
