"""The process that renders: reads requests and writes answers, each a length in four bytes and then the content.

It is run as a file and imports nothing of the lab, so that it starts fast. It writes no message: the engine's messages
quote the text. What it cannot answer ends it, and its exit code says why.
"""

import contextlib
import json
import os
import resource
import struct
import sys
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

LENGTH = struct.Struct(">I")
DONE, REFUSED = b"\0", b"\1"
TOO_LARGE, FAILED = 71, 70  # exit codes

_MISSING = "PDF/UA-1 error: the text"  # how the engine's errors about a character without a glyph begin


def main() -> None:
    """Answer requests until the input ends; the first one says how to start."""
    answers = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), 1)
    with _ending_on_errors():
        start = json.loads(next(_read_frames(sys.stdin.buffer)))
        _limit(start["memory_bytes"])
        render = _make_render(start["fonts"], start["templates"])
        _write_frame(answers, DONE)
        for frame in _read_frames(sys.stdin.buffer):
            _write_frame(answers, render(json.loads(frame)))


@contextlib.contextmanager
def _ending_on_errors() -> Iterator[None]:
    try:
        yield
    except MemoryError:
        os._exit(TOO_LARGE)
    except BaseException:  # a panic of the engine is no Exception; after one its state cannot be trusted
        os._exit(FAILED)


def _limit(memory_bytes: int) -> None:
    """Limit the memory; no file is written, and no memory is dumped when the process crashes."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _make_render(fonts: list[str], templates: str) -> Callable[[dict[str, Any]], bytes]:
    """Load the fonts and templates, and return what answers a request."""
    import typst
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    known = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=fonts)
    compiler = typst.Compiler(root=templates, font_paths=known, ignore_system_fonts=True)
    compiler.compile(b"", format="pdf", timestamp=0)  # the first compilation loads the engine's own parts
    loader = FileSystemLoader(templates)
    pages = Environment(loader=loader, undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True)

    def render(request: dict[str, Any]) -> bytes:
        if request["format"] == "html":
            return DONE + pages.get_template(request["template"]).render(request["data"]).encode()
        try:
            return DONE + _typeset(compiler, os.path.join(templates, request["template"]), request)
        except typst.TypstError as error:
            code = "render.missing_glyph" if error.message.startswith(_MISSING) else "render.failed"
            return REFUSED + code.encode()

    return render


def _typeset(compiler: Any, template: str, request: dict[str, Any]) -> bytes:
    """Typeset a PDF, or a picture of its first page; a picture is made as a PDF first, which refuses missing glyphs."""
    inputs = {"data": json.dumps(request["data"])}
    pdf = compiler.compile(
        template, format="pdf", pdf_standards=["ua-1"], timestamp=request["timestamp"], sys_inputs=inputs
    )
    if request["format"] == "pdf":
        return bytes(pdf)
    pages = compiler.compile(template, format="png", ppi=72, timestamp=0, sys_inputs=inputs)
    return bytes(pages[0] if isinstance(pages, list) else pages)


def _read_frames(stream: BinaryIO) -> Iterator[bytes]:
    while head := stream.read(LENGTH.size):
        yield stream.read(LENGTH.unpack(head)[0])


def _write_frame(stream: BinaryIO, content: bytes) -> None:
    stream.write(LENGTH.pack(len(content)) + content)
    stream.flush()


if __name__ == "__main__":
    main()
