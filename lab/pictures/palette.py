"""The colours of the pictures, light and dark; every tone also has a word, so that colour is never the only sign."""

from dataclasses import dataclass
from typing import Literal

from lab.rules.model import PrivacyClass

Theme = Literal["light", "dark"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tone:
    """The colours of a surface, of its border, and of the text on it."""

    fill: str
    line: str
    ink: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Palette:
    """All colours of one theme; text reaches at least 4.5:1 on its surface, lines at least 3:1."""

    page: str
    card: str
    ink: str
    muted: str
    line: str
    accent: Tone
    classes: dict[PrivacyClass, Tone]
    given: Tone
    missing: Tone
    waiting: Tone

    def tones(self) -> dict[str, Tone]:
        """Return every tone by its name, privacy classes by theirs."""
        named = {"accent": self.accent, "given": self.given, "missing": self.missing, "waiting": self.waiting}
        return named | {privacy.value: tone for privacy, tone in self.classes.items()}


PALETTES: dict[Theme, Palette] = {
    "light": Palette(
        page="#FFFFFF",
        card="#FFFFFF",
        ink="#0B0E14",
        muted="#535B6B",
        line="#8A91A0",
        accent=Tone(fill="#E7E9FB", line="#3B4CCA", ink="#2B3AA8"),
        classes={
            PrivacyClass.SECRET: Tone(fill="#FBE4F0", line="#A81E6B", ink="#7F0F4E"),
            PrivacyClass.PERSONAL: Tone(fill="#FDEBD8", line="#B0570A", ink="#7A3A00"),
            PrivacyClass.FINANCIAL: Tone(fill="#EEE8FB", line="#6A45B5", ink="#4E2C96"),
            PrivacyClass.OPERATIONAL: Tone(fill="#EEF0F4", line="#7B8394", ink="#3D4455"),
            PrivacyClass.PUBLIC: Tone(fill="#DFF2FA", line="#0B76A8", ink="#06506F"),
        },
        given=Tone(fill="#E1F5E9", line="#1B7F4B", ink="#0F5C34"),
        missing=Tone(fill="#FDE8E8", line="#C0212B", ink="#98141D"),
        waiting=Tone(fill="#FFF4CF", line="#8F6A00", ink="#664B00"),
    ),
    "dark": Palette(
        page="#10131B",
        card="#1A1E2A",
        ink="#ECEEF5",
        muted="#A5ADBB",
        line="#727B8C",
        accent=Tone(fill="#232A52", line="#8C9BFF", ink="#C3CBFF"),
        classes={
            PrivacyClass.SECRET: Tone(fill="#43152F", line="#E67AB5", ink="#FFC2E1"),
            PrivacyClass.PERSONAL: Tone(fill="#43290F", line="#E09A55", ink="#FFD5A8"),
            PrivacyClass.FINANCIAL: Tone(fill="#2E2350", line="#AC8FF0", ink="#DACBFF"),
            PrivacyClass.OPERATIONAL: Tone(fill="#242A36", line="#8791A3", ink="#D0D6E2"),
            PrivacyClass.PUBLIC: Tone(fill="#0C3346", line="#55B8E6", ink="#B4E2F8"),
        },
        given=Tone(fill="#10381F", line="#4FBF80", ink="#B0EBC8"),
        missing=Tone(fill="#4A1519", line="#F0777F", ink="#FFC5C9"),
        waiting=Tone(fill="#3D3006", line="#D2AA3A", ink="#FBE39A"),
    ),
}


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21.

    Args:
        one: A colour as #RRGGBB.
        other: A colour as #RRGGBB.

    Source: WCAG 2.2, relative luminance and contrast ratio.
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
