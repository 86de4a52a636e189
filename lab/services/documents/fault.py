"""The error of a rendering: a code and its sentences, and never a word of the document."""

from typing import Literal, get_args

from lab.text.errors import LabError

Code = Literal["render.too_large", "render.too_slow", "render.missing_glyph", "render.failed"]
CODES: tuple[Code, ...] = get_args(Code)

_SENTENCES: dict[Code, tuple[str, str]] = {
    "render.too_large": ("The text is too long, or needs too much memory", "Shorten it"),
    "render.too_slow": ("The rendering took too long and was ended", "Try again, or shorten the text"),
    "render.missing_glyph": ("No font has one of the characters", "Take out unusual characters"),
    "render.failed": ("The document could not be rendered", "Try again; if it stays so, check the installation"),
}


class NotRendered(LabError):
    """A document was not rendered; `code` says why."""

    @property
    def code(self) -> str:
        """Return one of CODES."""
        return self.subject


def make_fault(code: str) -> NotRendered:
    """Make the error of a code; any other word becomes `render.failed`."""
    known: Code = next((one for one in CODES if one == code), "render.failed")
    found, next_step = _SENTENCES[known]
    return NotRendered(known, found, next_step)
