"""Reads a .env file as the site's server does, and reports its faults without quoting it."""

import re
from collections.abc import Iterator
from pathlib import Path

from lab.text.errors import LabError
from lab.text.secret_patterns import hide_secrets

_NAME = re.compile(r"(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$", "'": "'", "`": "`"}
_QUOTES = ("'", '"', "`")
_BLOCK = re.compile(r"-----BEGIN ")
_QUOTE_IT = "Put the whole value in quotes, or write \\n for its line ends."
# Names that are shown. A line of a key without quotes can end in = and look like a name.
_SHOWN = re.compile(r"[A-Z][A-Z0-9_]{0,60}|[a-z]+([_.-][a-z]+){0,6}[0-9]?|[A-Z]+([_.-][A-Z0-9]+)*")
_AFTER = re.compile(r"[ \t]*(#[^\n]*)?(\n|$)")


class EnvironmentFileFault(LabError):
    """The .env file cannot be read; all faults are reported by line, and no value is quoted."""


class _Fault(Exception):
    """One line cannot be read.

    Args:
        told: What is wrong with it.
        block: Whether a key of several lines begins in it.
    """

    def __init__(self, told: str, *, block: bool = False) -> None:
        super().__init__(told)
        self.block = block


def read_env_file(path: Path) -> dict[str, str]:
    """Read variables from a .env file: `export`, single, double and no quotes, comments, values over several lines.

    Raises:
        EnvironmentFileFault: The file is missing or not text, or has lines that cannot be read, or sets a name twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        what = (
            "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror or "it cannot be read"
        )
        raise EnvironmentFileFault(path.name, what, "Check the path, and that it is a .env file") from None
    return _collect(path, text.replace("\r\n", "\n").replace("\r", "\n"))


def _collect(path: Path, text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    lines: dict[str, int] = {}
    faults: list[str] = []
    for line, name, value in _read_lines(text, faults):
        if name in values:
            faults.append(f"line {line}: {_show(name)} is set already in line {lines[name]}. Keep one of them.")
        values[name], lines[name] = value, line
    if faults:
        raise EnvironmentFileFault(faults=[f"{path.name}: {fault}" for fault in faults])
    return values


def _read_lines(text: str, faults: list[str]) -> Iterator[tuple[int, str, str]]:
    """Yield line, name and value of each variable; other lines are added to the faults."""
    at = 0
    while at < len(text):
        line, end = text.count("\n", 0, at) + 1, _line_end(text, at)
        content = text[at:end].strip()
        if not content or content.startswith("#"):
            at = end + 1
            continue
        if _BLOCK.match(content):
            faults.append(f"line {line}: a key of several lines begins here. {_QUOTE_IT}")
            at = _skip_block(text, at)
            continue
        try:
            name, value, at = _read_variable(text, at + text[at:end].index(content[0]))
            yield line, name, value
        except _Fault as fault:
            faults.append(f"line {line}: {fault}")
            at = _skip_block(text, at) if fault.block else end + 1


def _skip_block(text: str, at: int) -> int:
    """Return the position after a key of several lines; its lines are not variables."""
    end = text.find("-----END", at)
    return len(text) if end < 0 else _line_end(text, end) + 1


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _read_variable(text: str, at: int) -> tuple[str, str, int]:
    found = _NAME.match(text, at)
    if not found:
        raise _Fault("it is not NAME=value. Put a # before a comment.")
    name, at = found[1], found.end()
    if _BLOCK.match(text, at):
        raise _Fault(f"{_show(name)} is a key of several lines without quotes. {_QUOTE_IT}", block=True)
    if text[at : at + 1] in _QUOTES:
        value, at = _read_quoted(text, at, name)
    else:
        value, at = _read_plain(text, at, name)
    return name, value, at


def _show(name: str) -> str:
    """Return a name to show; a name that may be a line of a key is not shown."""
    return name if _SHOWN.fullmatch(name) and len(name) <= 60 and hide_secrets(name) == name else "a variable"


def _read_plain(text: str, at: int, name: str) -> tuple[str, int]:
    end = _line_end(text, at)
    value = re.split(r"(?:^|\s)#", text[at:end], maxsplit=1)[0].strip()
    if "#" in value:
        raise _Fault(f"{_show(name)} has a # in it, where the site's server ends it. Put the value in quotes.")
    return _take_dollars(value, name), end + 1


def _read_quoted(text: str, at: int, name: str) -> tuple[str, int]:
    quote, start = text[at], at + 1
    end = start
    while end < len(text) and text[end] != quote:
        end += 2 if quote == '"' and text[end] == "\\" else 1
    if end >= len(text):
        raise _Fault(f"{_show(name)} begins with a quote that never ends. Close it.")
    after = _AFTER.match(text, end + 1)
    if not after:
        raise _Fault(f"{_show(name)} has more text after its closing quote. Remove it, or put a # before it.")
    raw = text[start:end]
    raw = _take_dollars(raw, name)
    if quote == '"':
        raw = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), raw, flags=re.DOTALL)
    return raw, after.end()


def _take_dollars(value: str, name: str) -> str:
    """Return a value with its escaped dollar signs replaced; the server expands the others, in any quotes.

    Source: nextjs.org/docs, "Environment Variables", on $ in values; dotenv-expand.
    """
    if re.search(r"(?<!\\)\$[A-Za-z_{]", value):
        raise _Fault(
            f"{_show(name)} refers to another variable with $NAME or ${{...}}, which is not supported here. Write the "
            "value itself, and \\$ for a dollar sign."
        )
    return value.replace("\\$", "$")
