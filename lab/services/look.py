"""The look of the pages that people open on this machine: the colours of the app and its mark."""

import tomllib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from lab.text.product_files import PACKAGE, PROJECT

MARK = PACKAGE / "ui" / "kit" / "mark.svg"
_SHARED = Path(__file__).parent / "templates"
_COLOURS = ("primaryColor", "backgroundColor", "secondaryBackgroundColor", "textColor", "borderColor", "linkColor")


def open_templates(folder: Path, **shared: Any) -> Environment:
    """Return the templates of a folder, which can include `style.html`.

    Args:
        folder: Where the templates are.
        shared: What each of them can use.
    """
    loader = FileSystemLoader([folder, _SHARED])
    templates = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    templates.filters |= {"moment": lambda moment: f"{moment:%H:%M:%S}"}
    templates.globals |= {"colours": _read_colours(), **shared}
    return templates


def _read_colours() -> dict[str, dict[str, str]]:
    """Return the colours of the app's light and dark theme."""
    theme = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text())["theme"]
    return {scheme: {name: theme[scheme][name] for name in _COLOURS} for scheme in ("light", "dark")}
