"""Reads the Markdown that the product's own reports are written in, into blocks for the typesetting engine. Pure.

It reads what they use: headings, paragraphs, lists, quotes, tables, fenced code, bold text and code spans. Comments and
tags of HTML are left out. Whatever else stands in a text stays text.
"""

import re
from collections.abc import Iterator
from typing import Any

Span = dict[str, str]  # text, and style: "", bold or code
Block = dict[str, Any]

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"^((`{3,})\w*\n.*?^\2$)", re.DOTALL | re.MULTILINE)
_SUMMARY = re.compile(r"^(?:<details>)?<summary>(.*)</summary>$|^</?details>$")
_FENCE = re.compile(r"^(`{3,})(\w*)$")
_HEADING = re.compile(r"^(#{1,6}) (.+)$")
_RULE = re.compile(r"^\|(?:-+\|)+$")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_SPANS = re.compile(
    r"(?P<ticks>`+)(?!`)(?P<code>.*?)(?<!`)(?P=ticks)(?!`)|\*\*(?P<bold>(?:\\.|[^\\])+?)\*\*|\\.|[^`*\\]+|."
)


def read_blocks(markdown: str) -> list[Block]:
    """Return the blocks of a report, in their order."""
    return [*_read(_cut_comments(markdown).splitlines())]


def _cut_comments(markdown: str) -> str:
    """Return Markdown without comments, but for those in fenced code, which are its text."""
    parts = _CODE.split(markdown)  # text, code and its fence by turns
    return "".join(
        part if place % 3 == 1 else _COMMENT.sub("", part) for place, part in enumerate(parts) if place % 3 < 2
    )


def _read(lines: list[str]) -> Iterator[Block]:
    place = 0
    while place < len(lines):
        line = lines[place]
        if not line.strip():
            place += 1
        elif fence := _FENCE.match(line):
            end = next((n for n in range(place + 1, len(lines)) if lines[n] == fence[1]), len(lines))
            yield {"kind": "code", "text": "\n".join(lines[place + 1 : end])}
            place = end + 1
        elif heading := _HEADING.match(line):
            yield {"kind": "heading", "level": len(heading[1]), "spans": read_spans(heading[2])}
            place += 1
        elif summary := _SUMMARY.match(line.strip()):
            if summary[1]:
                yield {"kind": "heading", "level": 3, "spans": read_spans(summary[1])}
            place += 1
        else:
            end = _find_end(lines, place)
            yield from _read_lines(lines[place:end])
            place = end


def _find_end(lines: list[str], begin: int) -> int:
    """Return where a run of lines ends that are of one kind: of a table, a list, a quote or a paragraph."""
    mark = _mark(lines[begin])
    for place in range(begin + 1, len(lines)):
        line = lines[place]
        if not line.strip() or _mark(line) != mark or _HEADING.match(line) or _FENCE.match(line):
            return place
    return len(lines)


def _mark(line: str) -> str:
    return next((mark for mark in ("|", "- ", "> ") if line.startswith(mark)), "")


def _read_lines(lines: list[str]) -> Iterator[Block]:
    mark = _mark(lines[0])
    if mark == "|" and len(lines) > 1 and _RULE.match(lines[1]):
        head, rows = _split_cells(lines[0]), [_split_cells(line) for line in lines[2:]]
        yield {"kind": "table", "head": head, "rows": rows}
    elif mark == "- ":
        yield {"kind": "list", "items": [read_spans(line[2:]) for line in lines]}
    elif mark == "> ":
        yield {"kind": "quote", "spans": read_spans(" ".join(line[2:] for line in lines))}
    else:
        yield {"kind": "paragraph", "spans": read_spans(" ".join(lines))}


def _split_cells(line: str) -> list[list[Span]]:
    cells = re.split(r"(?<!\\)\|", line.strip())[1:-1]
    return [read_spans(cell.strip().replace("\\|", "|")) for cell in cells]


def read_spans(text: str) -> list[Span]:
    """Return a line of text in runs of one style."""
    spans: list[Span] = []
    for found in _SPANS.finditer(text):
        if found["ticks"]:
            spans.append({"style": "code", "text": _strip_code(found["code"])})
        elif found["bold"]:
            spans.append({"style": "bold", "text": _plain(found["bold"])})
        elif spans and spans[-1]["style"] == "":
            spans[-1]["text"] += _plain(found[0])
        else:
            spans.append({"style": "", "text": _plain(found[0])})
    return spans


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _strip_code(text: str) -> str:
    """Return what a code span shows: one space at each end only keeps its ticks apart."""
    return text[1:-1] if text.startswith(" ") and text.endswith(" ") and text.strip() else text
