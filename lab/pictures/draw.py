"""Draws a plan or the schema, in each form that a page offers."""

from collections.abc import Sequence

from lab.pictures.flow import make_flow
from lab.pictures.flow_drawing import Direction, draw_flow
from lab.pictures.palette import PALETTES, Theme
from lab.pictures.renderer import render
from lab.pictures.schema import make_schema
from lab.pictures.schema_drawing import draw_schema
from lab.pictures.sentences import describe_flow, describe_schema
from lab.pictures.svg import inline_svg
from lab.plan.make import Plan


def flow_dot(plan: Plan, theme: Theme, direction: Direction = "across") -> str:
    """Return a plan's flow in the DOT language.

    Args:
        plan: What to draw.
        theme: light or dark.
        direction: across, from left to right, or down, which reads better on a narrow screen.
    """
    return draw_flow(make_flow(plan), PALETTES[theme], direction)


def flow_svg(plan: Plan, theme: Theme, direction: Direction = "across") -> str:
    """Return a plan's flow as an SVG element for a page; arguments as in flow_dot.

    Raises:
        PictureUnavailable: No Graphviz program was found, or it failed.
    """
    flow = make_flow(plan)
    return inline_svg(draw_flow(flow, PALETTES[theme], direction), f"Flow of {flow.layer.title}", describe_flow(flow))


def flow_png(plan: Plan, theme: Theme, direction: Direction = "across") -> bytes:
    """Return a plan's flow as a PNG; arguments as in flow_dot.

    Raises:
        PictureUnavailable: No Graphviz program was found, or it failed.
    """
    return render(flow_dot(plan, theme, direction), "png")


def flow_text(plan: Plan) -> str:
    """Return what a plan's picture shows, as plain sentences."""
    return describe_flow(make_flow(plan))


def schema_dot(theme: Theme, tables: Sequence[str] | None = None) -> str:
    """Return the schema in the DOT language.

    Args:
        theme: light or dark.
        tables: Ids of tables to show in full, with the keys of their neighbours; none for the names of all tables.

    Raises:
        KeyError: There is no table of that id.
    """
    return draw_schema(make_schema(tables), PALETTES[theme])


def schema_svg(theme: Theme, tables: Sequence[str] | None = None) -> str:
    """Return the schema as an SVG element for a page; arguments as in schema_dot.

    Raises:
        PictureUnavailable: No Graphviz program was found, or it failed.
    """
    return inline_svg(schema_dot(theme, tables), "Tables and their keys", schema_text(tables))


def schema_png(theme: Theme, tables: Sequence[str] | None = None) -> bytes:
    """Return the schema as a PNG; arguments as in schema_dot.

    Raises:
        PictureUnavailable: No Graphviz program was found, or it failed.
    """
    return render(schema_dot(theme, tables), "png")


def schema_text(tables: Sequence[str] | None = None) -> str:
    """Return what the schema's picture shows, as plain sentences.

    Args:
        tables: Ids of tables, as in schema_dot.
    """
    return describe_schema(make_schema(tables).topics)
