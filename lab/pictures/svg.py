"""Makes SVG for a page: scalable, named for screen readers, without scripts, links or clashing ids."""

import hashlib
import html
import json
import re
from collections.abc import Iterator
from typing import Any

from lab.pictures.markup import text
from lab.pictures.renderer import render

FONTS = "Arial, Arimo, 'Liberation Sans', Helvetica, sans-serif"


def inline_svg(dot: str, title: str, description: str) -> str:
    """Draw DOT text as an SVG element for a page.

    Args:
        dot: A graph in the DOT language.
        title: A short name, which screen readers read first.
        description: The picture's content as sentences.

    Raises:
        PictureUnavailable: The picture could not be drawn.
    """
    prefix = "picture-" + hashlib.sha256(dot.encode()).hexdigest()[:10]
    drawn = render(dot, "svg").decode()
    width, height = _size(drawn)
    body = _body(drawn)
    body = re.sub(r'\bid="([^"]*)"', rf'id="{prefix}-\1"', body)
    body = _with_widths(body, dict(_widths(json.loads(render(dot, "json")))))
    # Its natural size in a file or an image element, and never wider than the page around it.
    size = f'width="{width * 4 / 3:.0f}" height="{height * 4 / 3:.0f}"'
    style = "max-width:100%;height:auto;white-space:pre"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" {size} style="{style}" role="img" '
        f'font-family="{FONTS}" '
        f'aria-labelledby="{prefix}-title {prefix}-desc">'
        f'<title id="{prefix}-title">{text(title)}</title><desc id="{prefix}-desc">{text(description)}</desc>'
        f"{body}</svg>"
    )


def _body(svg: str) -> str:
    """Return what is inside the svg element, without comments, links and node names."""
    inner = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    inner = re.sub(r"<!--.*?-->", "", inner, flags=re.DOTALL)
    inner = re.sub(r"<title>.*?</title>", "", inner, flags=re.DOTALL)
    inner = re.sub(r"</?a\b[^>]*>", "", inner)
    inner = re.sub(
        r' (xml:space|font-family|class|text-anchor)="(preserve|[^"]*Arial[^"]*|node|edge|start)"', "", inner
    )
    return re.sub(r"\n\s*", "", inner)


def _size(svg: str) -> tuple[float, float]:
    found = re.search(r'viewBox="0\.00 0\.00 ([\d.]+) ([\d.]+)"', svg)
    if found is None:
        return (0.0, 0.0)
    return (float(found[1]), float(found[2]))


def _with_widths(svg: str, widths: dict[tuple[str, str], float]) -> str:
    """Set every text to the width in the layout, so that any font fits its box."""

    def pin(found: re.Match[str]) -> str:
        size = re.search(r'font-size="([\d.]+)"', found[1])
        width = widths.get((f"{float(size[1]):g}" if size else "", html.unescape(found[2])))
        length = f' textLength="{width:g}" lengthAdjust="spacingAndGlyphs"' if width else ""
        return f"<text{found[1]}{length}>{found[2]}</text>"

    return re.sub(r"<text([^>]*)>([^<]*)</text>", pin, svg)


def _widths(part: Any) -> Iterator[tuple[tuple[str, str], float]]:
    """Yield the width of every text in a layout, by font size and words."""
    if isinstance(part, dict):
        for value in part.values():
            yield from _widths(value)
    elif isinstance(part, list):
        size = ""
        for item in part:
            drawn = item.get("op") if isinstance(item, dict) else None
            size = f"{item['size']:g}" if drawn == "F" else size
            if drawn == "T":
                yield (size, item["text"]), item["width"]
            yield from _widths(item)
