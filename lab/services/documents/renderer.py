"""Renders documents in one warm child process."""

import hashlib
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lab.services.documents.fault import NotRendered
from lab.services.documents.fonts import find_folders
from lab.services.documents.limits import Limits
from lab.services.documents.process import Process
from lab.services.documents.report import Paper, request_report
from lab.services.documents.requests import request_card, request_first_page, request_pdf, request_print_view
from lab.services.documents.values import Card, Reading, Rendered

TEMPLATES = Path(__file__).parent / "templates"
_MEDIA_TYPES = {"pdf": "application/pdf", "png": "image/png", "html": "text/html; charset=utf-8"}


def describe_start(limits: Limits, templates: Path) -> dict[str, Any]:
    """Return the first request to a child: its memory, its fonts, and where its templates are."""
    return {"memory_bytes": limits.memory_bytes, "fonts": find_folders(), "templates": str(templates)}


class Renderer:
    """Renders one document at a time, from any thread; a child that was ended is replaced at the next rendering.

    Args:
        limits: Memory and time of the child.
        templates: Folder of the templates.
    """

    def __init__(self, limits: Limits | None = None, templates: Path = TEMPLATES) -> None:
        self._limits, self._templates = limits or Limits(), templates
        self._lock = threading.Lock()
        self._process: Process | None = None
        self._rendered = 0

    def __enter__(self) -> Self:
        """Start the child.

        Raises:
            NotRendered: It did not start.
        """
        with self._lock:
            self._ready()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the child."""
        with self._lock:
            self._end()

    @property
    def pid(self) -> int | None:
        """Return the child's process id; None when none runs."""
        return self._process.pid if self._process and self._process.alive else None

    def render_pdf(self, reading: Reading) -> Rendered:
        """Render a reading as PDF/UA-1. The same reading gives the same bytes.

        Raises:
            NotRendered: Its code says why.
        """
        return self._render(request_pdf(reading))

    def render_first_page(self, reading: Reading) -> Rendered:
        """Render the first page of a reading's PDF as PNG.

        Raises:
            NotRendered: Its code says why.
        """
        return self._render(request_first_page(reading))

    def render_print_view(self, reading: Reading) -> Rendered:
        """Render a reading as one HTML page without script and outside resources.

        Raises:
            NotRendered: Its code says why.
        """
        return self._render(request_print_view(reading))

    def render_card(self, card: Card) -> Rendered:
        """Render a share-card as PNG, 1200 x 630 pixels, without metadata.

        Raises:
            NotRendered: Its code says why; `render.failed` also for an unknown symbol or palette.
        """
        return self._render(request_card(card))

    def render_report(self, paper: Paper) -> Rendered:
        """Render a report as PDF/UA-1. The same report gives the same bytes. Letters without a font become codes.

        Raises:
            NotRendered: Its code says why.
        """
        try:
            return self._render(request_report(paper))
        except NotRendered as fault:
            if fault.code != "render.missing_glyph":
                raise
        return self._render(request_report(paper, plain=True))

    def _render(self, request: dict[str, Any]) -> Rendered:
        with self._lock:
            content = self._ready().ask(request, self._limits.seconds)
            self._rendered += 1
        return Rendered(
            content=content, media_type=_MEDIA_TYPES[request["format"]], sha256=hashlib.sha256(content).digest()
        )

    def _ready(self) -> Process:
        """Return the child, and start one if there is none, or if it has rendered enough."""
        if self._process and self._process.alive and self._rendered < self._limits.renderings:
            return self._process
        self._end()
        start = describe_start(self._limits, self._templates)
        self._process, self._rendered = Process(start, self._limits.start_seconds), 0
        return self._process

    def _end(self) -> None:
        if self._process:
            self._process.close()
        self._process = None


REPORTS = Limits(memory_bytes=3 << 29, seconds=60.0)
"""What the process may use for a report, which has more pages than a reading."""


def write_pdf(paper: Paper) -> bytes:
    """Render a report as PDF/UA-1 in a process of its own. The same report gives the same bytes.

    Raises:
        NotRendered: Its code says why.
    """
    with Renderer(REPORTS) as renderer:
        return renderer.render_report(paper).content
