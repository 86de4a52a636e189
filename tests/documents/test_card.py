"""The share-card: a picture of its public fields, and nothing else in the file."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageChops

from lab.rules.card_phrases import CARD_PHRASES
from lab.services.documents import Card, NotRendered, Rendered, Renderer
from tests.documents.samples import SCRIPTS, read_chunks

NAMES = {kind: sorted({p.words for p in CARD_PHRASES if p.kind == kind}) for kind in ("symbol", "palette")}
SECRET = "hunter2 heißt das Losungswort"


def make_card(title: str = "The Moon", line: str = "A light at night.", **fields: str) -> Card:
    """Make a card of the moon at night, unless fields say otherwise."""
    return Card(title=title, line=line, **{"symbol": "moon", "palette": "night"} | fields)


def find_difference(one: Rendered, other: Rendered) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the part in which two pictures differ, in pixels."""
    pictures = [Image.open(io.BytesIO(card.content)).convert("RGB") for card in (one, other)]
    box = ImageChops.difference(*pictures).getbbox()
    assert box
    return box


@pytest.mark.sample(every=3)
@pytest.mark.parametrize("palette", NAMES["palette"])
@pytest.mark.parametrize("symbol", NAMES["symbol"])
def test_every_symbol_is_drawn_in_every_palette(renderer: Renderer, symbol: str, palette: str) -> None:
    card = renderer.render_card(make_card(symbol=symbol, palette=palette))
    assert card.media_type == "image/png"
    (name, head), *_ = read_chunks(card.content)
    assert (name, *struct.unpack_from(">II", head)) == ("IHDR", 1200, 630)


@pytest.mark.sample(every=3)
@pytest.mark.parametrize("phrase", CARD_PHRASES, ids=lambda p: f"{p.kind}-{p.name}-{p.locale}")
def test_every_approved_phrase_can_be_shown(renderer: Renderer, phrase: object) -> None:
    kind, words, locale = (getattr(phrase, name) for name in ("kind", "words", "locale"))
    assert renderer.render_card(make_card(**{kind: words}, language=locale)).content


def test_symbols_and_palettes_look_different(renderer: Renderer) -> None:
    cards = [make_card(symbol=s, palette=p) for s in NAMES["symbol"] for p in NAMES["palette"]]
    assert len({renderer.render_card(card).sha256 for card in cards}) == len(cards) == 12


def test_a_card_gives_the_same_bytes_in_two_processes(renderer: Renderer) -> None:
    with Renderer() as other:
        assert other.render_card(make_card()) == renderer.render_card(make_card())


@pytest.mark.parametrize("language", SCRIPTS)
def test_every_script_is_drawn(renderer: Renderer, language: str) -> None:
    line, title = SCRIPTS[language]
    shown = renderer.render_card(make_card(title, line, language=language))
    assert shown != renderer.render_card(make_card(title, language=language))
    assert shown != renderer.render_card(make_card(line=line, language=language))


def test_the_file_holds_pixels_alone(renderer: Renderer) -> None:
    """Neither the words of the card nor those of an earlier reading are in it."""
    content = renderer.render_card(make_card(SECRET, SECRET)).content
    names = [name for name, _ in read_chunks(content)]
    assert set(names) == {"IHDR", "IDAT", "IEND"}
    pixels = zlib.decompress(b"".join(data for name, data in read_chunks(content) if name == "IDAT"))
    for word in (SECRET, "hunter2", "The Moon", "Typst"):
        assert word.encode() not in content
        assert word.encode() not in pixels


LONG = {"W": "W" * 140, "words": "A road is made by the feet. " * 5, "towers": "塔" * 140, "tav": "ת" * 140}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_long_text_stays_in_its_place(renderer: Renderer, text: str) -> None:
    short, text = text[0], text[:140]
    changed = find_difference(
        renderer.render_card(make_card(short, short)), renderer.render_card(make_card(text, text))
    )
    left, right = (76, 774) if short == "ת" else (424, 1124)
    assert left <= changed[0] < changed[2] <= right
    assert 40 <= changed[1] < changed[3] <= 510


def test_a_text_from_right_to_left_turns_the_card(renderer: Renderer) -> None:
    cards = [renderer.render_card(make_card(text, text, language="ar")) for text in ("ق", "القمر")]
    left, _, right, _ = find_difference(*cards)
    assert 430 < left < right < 780


@pytest.mark.parametrize("text", ['#import "x"', "*a* _b_ $c$", "<b>&amp;</b>"], ids=["import", "typst", "html"])
def test_markup_is_drawn_as_it_is_written(renderer: Renderer, text: str) -> None:
    shown = {renderer.render_card(make_card(line=line)).sha256 for line in (text, text[1:], text.replace("*", ""))}
    assert len(shown) >= 2


@pytest.mark.parametrize(
    "text", ["\U00012000", "a\0", "\ud800", "\u13a0"], ids=["cuneiform", "nul", "half", "cherokee"]
)
def test_what_cannot_be_drawn_is_a_code(renderer: Renderer, text: str) -> None:
    for card in (make_card(title=text), make_card(line=text)):
        with pytest.raises(NotRendered) as caught:
            renderer.render_card(card)
        assert caught.value.code == "render.missing_glyph"


@pytest.mark.parametrize("field", ["symbol", "palette"])
def test_an_unknown_name_is_a_code_that_does_not_quote_it(renderer: Renderer, field: str) -> None:
    with pytest.raises(NotRendered) as caught:
        renderer.render_card(make_card(**{field: SECRET}))
    assert caught.value.code == "render.failed"
    assert SECRET not in str(caught.value)
