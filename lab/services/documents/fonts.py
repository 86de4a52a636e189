"""Which fonts a document is set in, and where they are: in packages that the requirements pin, never in the system."""

from importlib.util import find_spec
from pathlib import Path

PACKAGES = (
    "fontpkg_amiri",
    "manimgx_fonts",
    "pylopdf_fonts_he",
    "pylopdf_fonts_hi",
    "pylopdf_fonts_jp",
    "pylopdf_fonts_ko",
    "pylopdf_fonts_th",
    "pylopdf_fonts_zh_cn",
)
"""Packages of font files alone, under the SIL Open Font License."""

LETTERS = "Libertinus Serif"
"""Latin, Greek, Cyrillic and Hebrew; the typesetting engine holds it."""

_EAST_ASIAN = {"ja": "Noto Serif JP", "ko": "Noto Serif KR", "zh": "Noto Serif SC"}
# Amiri draws an Arabic letter as one shape. Noto's put its dots apart, and then the text cannot be read back in order.
_SERIF = ("Noto Serif Hebrew", "Amiri", "Noto Serif Devanagari", "Noto Serif Thai")
_OTHERS = (
    *("Bengali", "Tamil", "Telugu", "Gujarati", "Gurmukhi", "Kannada", "Malayalam", "Oriya", "Sinhala"),
    *("Khmer", "Lao", "Myanmar", "Armenian", "Georgian", "Ethiopic"),
)
# Fonts of emoji own digits and the space, too: they come last.
_LAST = ("Noto Sans", "Noto Sans Symbols", "Noto Emoji")


def find_folders() -> list[str]:
    """Return the folders with fonts, in the order of PACKAGES.

    Raises:
        ModuleNotFoundError: A package is missing.
    """
    return [str(_folder_of(package)) for package in PACKAGES]


def order_families(language: str) -> list[str]:
    """Return the families in the order in which they are tried.

    Args:
        language: A BCP 47 code. Chinese, Japanese and Korean draw the same characters in different shapes; the
            language's own font comes first.
    """
    own = language.split("-")[0]
    east_asian = sorted(_EAST_ASIAN, key=lambda code: (code != own, code != "zh", code))
    return [
        LETTERS,
        *_SERIF,
        *(_EAST_ASIAN[code] for code in east_asian),
        *(f"Noto Sans {script}" for script in _OTHERS),
        *_LAST,
    ]


def _folder_of(package: str) -> Path:
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"The package {package} is not installed", name=package)
    return Path(found.origin).parent
