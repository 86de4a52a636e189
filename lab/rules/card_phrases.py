"""The approved phrases of share-cards. A changed wording is a new version, and the old one stays."""

from lab.rules.model import Phrase

_ENGLISH = (
    Phrase(kind="title", name="tower", locale="en", version=1, words="The Tower"),
    Phrase(kind="title", name="moon", locale="en", version=1, words="The Moon"),
    Phrase(kind="title", name="star", locale="en", version=1, words="The Star"),
    Phrase(kind="title", name="lighthouse", locale="en", version=1, words="The lighthouse"),
    Phrase(kind="title", name="two_roads", locale="en", version=1, words="Two roads"),
    Phrase(kind="title", name="open_gate", locale="en", version=1, words="The open gate"),
    Phrase(kind="line", name="light_comes_in", locale="en", version=1, words="Something falls, and light comes in."),
    Phrase(kind="line", name="light_at_night", locale="en", version=1, words="A light at night."),
    Phrase(kind="line", name="glow_is_yours", locale="en", version=1, words="What glows at the edge is already yours."),
    Phrase(
        kind="line", name="road_and_feet", locale="en", version=1, words="A road is made by the feet that choose it."
    ),
    Phrase(kind="line", name="gate_stands_open", locale="en", version=1, words="A gate that stands open asks nothing."),
    Phrase(kind="line", name="small_light", locale="en", version=1, words="A small light is still a light."),
    Phrase(kind="symbol", name="tower", locale="en", version=1, words="tower"),
    Phrase(kind="symbol", name="moon", locale="en", version=1, words="moon"),
    Phrase(kind="symbol", name="star", locale="en", version=1, words="star"),
    Phrase(kind="symbol", name="lantern", locale="en", version=1, words="lantern"),
    Phrase(kind="palette", name="dusk", locale="en", version=1, words="dusk"),
    Phrase(kind="palette", name="night", locale="en", version=1, words="night"),
    Phrase(kind="palette", name="dawn", locale="en", version=1, words="dawn"),
)

_GERMAN = (
    Phrase(kind="title", name="tower", locale="de", version=1, words="Der Turm"),
    Phrase(kind="title", name="moon", locale="de", version=1, words="Der Mond"),
    Phrase(kind="title", name="star", locale="de", version=1, words="Der Stern"),
    Phrase(kind="line", name="light_comes_in", locale="de", version=1, words="Etwas fällt, und Licht kommt herein."),
    Phrase(kind="line", name="light_at_night", locale="de", version=1, words="Ein Licht in der Nacht."),
    Phrase(kind="line", name="small_light", locale="de", version=1, words="Auch ein kleines Licht ist ein Licht."),
    Phrase(kind="symbol", name="tower", locale="de", version=1, words="tower"),
    Phrase(kind="symbol", name="moon", locale="de", version=1, words="moon"),
    Phrase(kind="symbol", name="star", locale="de", version=1, words="star"),
    Phrase(kind="symbol", name="lantern", locale="de", version=1, words="lantern"),
    Phrase(kind="palette", name="dusk", locale="de", version=1, words="dusk"),
    Phrase(kind="palette", name="night", locale="de", version=1, words="night"),
    Phrase(kind="palette", name="dawn", locale="de", version=1, words="dawn"),
)

CARD_PHRASES = (*_ENGLISH, *_GERMAN)
