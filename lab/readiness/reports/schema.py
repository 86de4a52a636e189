"""The data dictionary in every form: each table with its columns, and in the PDF a picture of each topic's tables."""

from typing import Any

from lab.pictures import PictureUnavailable, schema_svg, schema_text
from lab.pictures.schema import make_schema
from lab.readiness.reports.forms import Forms, add_pdf
from lab.rules import Rules
from lab.rules.model import EraseAction, Table
from lab.services.documents import Paper, Picture
from lab.text.escape import write_json

ERASE_WORDS = {
    EraseAction.DELETE_ROW: "row is deleted",
    EraseAction.SET_NULL: "emptied",
    EraseAction.KEEP: "kept",
}


def dictionary_markdown(rules: Rules) -> str:
    """Return the dictionary as Markdown, a section for each table."""
    return "# Data dictionary\n\n" + "\n\n".join(_section(table) for table in rules.tables) + "\n"


def _section(table: Table) -> str:
    rows = "\n".join(
        f"| `{c.name}` | `{c.type}` | {c.privacy.value} | {ERASE_WORDS[c.erase]} | {c.why} |" for c in table.columns
    )
    return (
        f"## `{table.qualified}`\n\n{table.description}\n\nWithout it: {table.loss}\n\n"
        f"| Column | Type | Privacy class | On erasure | Why |\n|---|---|---|---|---|\n{rows}"
    )


def dictionary_json(rules: Rules) -> str:
    """Return the dictionary as JSON: each table with its columns."""
    return write_json(
        [
            {"table": t.qualified, "description": t.description, "without_it": t.loss, "columns": list_facts(t)}
            for t in rules.tables
        ]
    )


def list_facts(table: Table) -> list[dict[str, Any]]:
    """Return the facts about each column of a table."""
    return [
        {
            "name": c.name,
            "type": c.type,
            "nullable": c.nullable,
            "privacy": c.privacy.value,
            "when_erased": c.erase.value,
            "references": c.references.table.qualified if c.references else None,
            "why": c.why,
        }
        for c in table.columns
    ]


def dictionary_paper(rules: Rules) -> Paper:
    """Return what the dictionary's PDF is made of."""
    try:
        pictures = [_draw(topic.title, [table.id for table in topic.tables]) for topic in make_schema(None).topics]
    except PictureUnavailable:
        pictures = []
    return Paper(markdown=dictionary_markdown(rules), about="Schema", pictures=pictures)


def _draw(topic: str, tables: list[str]) -> Picture:
    """Draw the tables of one topic, so that each picture can be read on paper."""
    return Picture(svg=schema_svg("light", tables), title=f"Tables and their keys: {topic}", words=schema_text(tables))


DICTIONARY_FORMS: Forms[Rules] = add_pdf({"json": dictionary_json, "markdown": dictionary_markdown}, dictionary_paper)
