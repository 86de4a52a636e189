"""Draws the schema as a graph: a column of tables for each topic, with keys, privacy classes and foreign keys.

All tables together are drawn by their names, with the privacy classes that each has: their columns would be too small
to read.
"""

from itertools import pairwise

from graphviz import Digraph

from lab.pictures.markup import FONT, bold, cell, chip, font, label, row, table, text
from lab.pictures.palette import Palette
from lab.pictures.schema import Schema, Topic, target_of
from lab.rules.model import Column, PrivacyClass, Table


def draw_schema(schema: Schema, palette: Palette) -> str:
    """Return the schema as DOT text.

    Args:
        schema: What to show.
        palette: The colours.
    """
    graph = _frame(palette)
    for topic in schema.topics:
        _add_topic(graph, topic, schema, palette)
    for left, right in pairwise(schema.topics):
        graph.edge(left.tables[0].id, right.tables[0].id, style="invis", weight="0")
    _add_references(graph, schema)
    return str(graph.source)


def _frame(palette: Palette) -> Digraph:
    graph = Digraph("schema")
    gaps = {"rankdir": "LR", "nodesep": "0.14", "ranksep": "0.42", "newrank": "true"}
    graph.attr("graph", bgcolor=palette.page, pad="0.1", fontname=FONT, **gaps)
    graph.attr("node", shape="plain", fontname=FONT, fontsize="10", fontcolor=palette.ink)
    graph.attr("edge", color=palette.accent.line, arrowsize="0.6", penwidth="1.1", weight="0")
    return graph


def _add_topic(graph: Digraph, topic: Topic, schema: Schema, palette: Palette) -> None:
    """Add a topic's tables, one below the other."""
    title = label(font(bold(topic.title), palette.muted, 12))
    with graph.subgraph(name=f"cluster_{topic.title}") as column:
        column.attr("graph", label=title, style="rounded", color=palette.line, margin="8", rank="same")
        for shown in topic.tables:
            column.node(shown.id, label(_draw_card(shown, schema, palette)))
    with graph.subgraph() as rank:
        rank.attr(rank="same")
        for shown in topic.tables:
            rank.node(shown.id)
    for above, below in pairwise(topic.tables):
        graph.edge(above.id, below.id, style="invis")


def _draw_card(shown: Table, schema: Schema, palette: Palette) -> str:
    tone = palette.accent
    head = row(cell(font(bold(shown.id), tone.ink, 11), bgcolor=tone.fill, colspan="3", cellpadding="4", port="title"))
    columns = [column for column in shown.columns if shown.id in schema.in_full or _mark(shown, column)]
    rows = [_class_row(shown, palette)] if schema.by_name else [_column_row(shown, one, palette) for one in columns]
    looks = {"border": "1", "cellborder": "0", "cellspacing": "0", "cellpadding": "2"}
    return table([head, *rows], **looks, color=palette.line, bgcolor=palette.card)


def _class_row(shown: Table, palette: Palette) -> str:
    """Return the privacy classes that the columns of a table have."""
    classes = dict.fromkeys(privacy for privacy in PrivacyClass for one in shown.columns if one.privacy is privacy)
    return row(cell(" ".join(font(text(one.value), palette.classes[one].ink, 8.5) for one in classes), colspan="3"))


def _column_row(shown: Table, column: Column, palette: Palette) -> str:
    tone = palette.classes[column.privacy]
    mark = cell(font(bold(_mark(shown, column)), palette.accent.ink, 8), align="left", port=column.name)
    name = font(text(column.name), palette.ink, 10)
    if target_of(column) and target_of(column) != column.name:
        name += f'<BR ALIGN="LEFT"/>{font(text("→ " + str(target_of(column))), palette.muted, 8.5)}'
    plain = column.privacy is PrivacyClass.OPERATIONAL
    word = font(text(column.privacy.value), palette.muted, 8.5) if plain else chip(column.privacy.value, tone, 8.5)
    named = cell(name, align="left", balign="left")
    return row(
        mark, named, cell(word, align="right" if plain else "center", cellpadding="1", port=f"{column.name} class")
    )


def _mark(shown: Table, column: Column) -> str:
    """Return what kind of key a column is: primary (PK), foreign (FK), unique by itself (UQ), or none."""
    if column.name in shown.primary_key:
        return "PK"
    if column.references:
        return "FK"
    return "UQ" if any(index.unique and index.columns == (column.name,) for index in shown.indexes) else ""


def _add_references(graph: Digraph, schema: Schema) -> None:
    """Add each foreign key, written from left to right and from top to bottom, so that columns keep their order."""
    places = {shown.id: place for place, topic in enumerate(schema.topics) for shown in topic.tables}
    for source, target in _list_pairs(schema) if schema.by_name else ():
        _add_line(graph, source, target, places[target] - places[source])
    for shown in schema.tables:
        for column in shown.columns:
            target = target_of(column) or ""
            if target in places and {shown.id, target} & schema.in_full:
                _add_reference(graph, shown.id, column.name, target, places[target] - places[shown.id])


def _add_reference(graph: Digraph, source: str, column: str, target: str, columns_apart: int) -> None:
    if columns_apart > 0:
        graph.edge(f"{source}:{column} class:e", f"{target}:title:w")
    else:
        graph.edge(f"{target}:title:{'e' if columns_apart else 'w'}", f"{source}:{column}:w", dir="back")


def _list_pairs(schema: Schema) -> list[tuple[str, str]]:
    """Return each table with each other one to which it refers, however many columns do."""
    known = {shown.id for shown in schema.tables}
    pairs = [(shown.id, target_of(column) or "") for shown in schema.tables for column in shown.columns]
    return list(dict.fromkeys((source, target) for source, target in pairs if target in known - {source}))


def _add_line(graph: Digraph, source: str, target: str, columns_apart: int) -> None:
    if columns_apart > 0:
        graph.edge(f"{source}:title:e", f"{target}:title:w")
    else:
        graph.edge(f"{target}:title:{'e' if columns_apart else 'w'}", f"{source}:title:w", dir="back")
