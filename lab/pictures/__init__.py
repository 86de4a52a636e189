"""Pictures of plans and of the schema, drawn from the rules as DOT, SVG and PNG, and described as sentences."""

from lab.pictures.draw import (
    flow_dot,
    flow_png,
    flow_svg,
    flow_text,
    schema_dot,
    schema_png,
    schema_svg,
    schema_text,
)
from lab.pictures.flow_drawing import Direction
from lab.pictures.palette import Theme
from lab.pictures.renderer import PictureUnavailable

__all__ = [
    "Direction",
    "PictureUnavailable",
    "Theme",
    "flow_dot",
    "flow_png",
    "flow_svg",
    "flow_text",
    "schema_dot",
    "schema_png",
    "schema_svg",
    "schema_text",
]
