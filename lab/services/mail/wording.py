"""Draws a message from its template, once as HTML and once as text: both have the same words."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mrml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, meta, select_autoescape

from lab.rules.messages import MESSAGES
from lab.rules.model import Message
from lab.services.mail.fields import FILTERS
from lab.text.errors import LabError

TEMPLATES = Path(__file__).parent / "templates"
_GIVEN_BY_LAYOUT = {"subject", "self", "part"}


class WrongTemplate(LabError):
    """A template uses a field that its message does not declare."""


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What a message says.

    Args:
        html: The page, complete.
        text: The same words as lines.
    """

    html: str
    text: str


def _environment(folder: str, *, escape: bool) -> Environment:
    """Return the templates with the parts of one kind: `parts.jinja` is looked for in its folder."""
    environment = Environment(
        loader=FileSystemLoader([TEMPLATES / folder, TEMPLATES]),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=(), disabled_extensions=(), default=escape),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    return environment


_NO_FONTS = mrml.RenderOptions(fonts={})  # by default known fonts are loaded from their maker
_HTML = _environment("html", escape=True)
_TEXT = _environment("text", escape=False)


def draw(message: Message, values: dict[str, Any]) -> Wording:
    """Draw a message.

    Args:
        message: The message.
        values: All fields that it declares.
    """
    shown = values | {"subject": message.subject}
    markup = _HTML.get_template(f"{message.id}.jinja").render(shown)
    page = mrml.to_html(markup, render_options=_NO_FONTS).content
    text = _TEXT.get_template(f"{message.id}.jinja").render(shown)
    return Wording(html=page, text="\n".join(_tidy(text)) + "\n")


def check_template(message: Message, source: str) -> None:
    """Check which fields a template uses.

    Args:
        message: The message that it belongs to.
        source: The template's text.

    Raises:
        WrongTemplate: It uses one that the message does not declare.
    """
    used = meta.find_undeclared_variables(_HTML.parse(source))
    for name in sorted(used - {field.name for field in message.fields} - _GIVEN_BY_LAYOUT):
        raise WrongTemplate(
            f"Template {message.id}.jinja",
            f"It uses {name}, which the message does not declare",
            "Declare the field in lab/rules/messages.py, or leave it out",
        )


def _tidy(text: str) -> Iterable[str]:
    """Yield the lines of a text, with one empty line between paragraphs."""
    lines = [line.strip() for line in text.strip().splitlines()]
    for place, line in enumerate(lines):
        if line or lines[place - 1]:
            yield line


def _check_templates() -> None:
    """Check every template when the module loads, so that no message can be drawn from a wrong one."""
    for message in MESSAGES:
        for name in (f"{message.id}.jinja", "html/layout.jinja", "text/layout.jinja"):
            check_template(message, (TEMPLATES / name).read_text())


_check_templates()
