"""The pictures: complete, safe, readable in both themes, and clear about what is missing."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lab import RULES, Scenario, make_plan
from lab.pictures import (
    PictureUnavailable,
    flow_dot,
    flow_png,
    flow_svg,
    flow_text,
    renderer,
    schema_dot,
    schema_png,
    schema_svg,
    schema_text,
)
from lab.pictures import flow as flow_module
from lab.pictures.palette import PALETTES, Palette, Theme, contrast
from lab.pictures.schema import TOPICS, make_schema, target_of
from lab.plan.make import Plan
from lab.text.product_files import PROJECT

CHANNEL_SETS = [
    (),
    ("pdf",),
    ("email", "share_card", "gift"),
    ("receipt", "recovery", "echo"),
    tuple(channel.id for channel in RULES.channels),
]
CONSENTS = tuple(consent.id for consent in RULES.consents)
HOSTILE = '</B><script>alert("x")</script> & ]] -> "; } \\N \x00 ü'
CONFIG = Path(__file__).parents[1] / ".streamlit" / "config.toml"


def plan_of(layer: str, *channels: str, consents: tuple[str, ...] = ()) -> Plan:
    return make_plan(Scenario(layer=layer, channels=channels, consents=consents))


def words_in(svg: str) -> str:
    return " ".join(
        "".join(part.itertext()) for part in ElementTree.fromstring(svg).iter() if part.tag.endswith("text")
    )


@pytest.mark.parametrize("consents", [(), CONSENTS], ids=["none", "all"])
@pytest.mark.parametrize("channels", CHANNEL_SETS, ids=lambda ids: "+".join(ids) or "no channel")
@pytest.mark.parametrize("layer", [layer.id for layer in RULES.layers])
def test_every_layer_is_drawn(layer: str, channels: tuple[str, ...], consents: tuple[str, ...]) -> None:
    plan = plan_of(layer, *channels, consents=consents)
    words = words_in(flow_svg(plan, "light"))
    assert RULES.layer(layer).title in words
    for line in plan.tables:
        assert line.name.removeprefix("public.") in words
    for channel in RULES.channels:
        if channel.id in channels:
            assert channel.title in words
    assert ("not offered" in words) == (plan.verdict == "not offered")
    assert ("closed: missing" in words) == bool(plan.missing_consents)
    assert len(re.findall("tracked job", words)) == len(plan.jobs)


def test_the_golden_case_says_that_nothing_leaves() -> None:
    plan = plan_of("artifacts")
    assert "Nothing leaves" in words_in(flow_svg(plan, "dark"))
    assert flow_text(plan).endswith("Nothing leaves the database. Verdict: ready.")


def test_each_class_leaves_through_its_own_channel() -> None:
    dot = flow_dot(plan_of("council", "share_card", "pdf"), "light")
    assert '"group secret" -> "job pdf"' in dot
    assert '"group public" -> "gate share_card public_share"' in dot
    assert not re.search(r'"group (secret|personal)" -> "[a-z]+ share_card', dot)


def test_consents_and_privacy_have_words_not_colours_alone() -> None:
    words = words_in(flow_svg(plan_of("council", "share_card", consents=("ai_processing",)), "light"))
    for word in ("SECRET, PRIVATE", "PUBLIC", "OPERATIONAL", "open: given", "closed: missing", "waits for consent"):
        assert word in words


def test_a_receipt_reaches_the_account_while_its_email_waits() -> None:
    words = words_in(flow_svg(plan_of("scroll", "receipt"), "light"))
    assert "to the account only" in words
    assert "e-mail leg waits" in words
    assert "Receipt" in flow_text(plan_of("scroll", "receipt"))


def test_the_whole_schema_shows_tables_classes_and_references_by_name() -> None:
    words, dot = words_in(schema_svg("light")), schema_dot("light")
    shown = {table.id for table in RULES.tables}
    for table in RULES.tables:
        assert table.id in words
        assert all(column.privacy.value in words for column in table.columns)
        for target in {target_of(column) for column in table.columns} & shown - {table.id}:
            drawn = (f"{table.id}:title:e -> {target}:", f"{target}:title:[ew] -> {table.id}:title:w")
            assert any(re.search(line, dot) for line in drawn), (table.id, target)
    assert "content_sha256" not in words


@pytest.mark.parametrize("tables", [("share_cards",), ("delivery_jobs", "consents")], ids=["one", "two"])
def test_the_schema_shows_tables_columns_classes_and_keys(tables: tuple[str, ...]) -> None:
    words = words_in(schema_svg("light", tables))
    for table in [RULES.table(id) for id in tables]:
        assert table.id in words
        for column in table.columns:
            assert column.name in words
            assert column.privacy.value in words
            assert (target_of(column) or "") in words


def test_neighbours_are_shown_with_their_keys_alone() -> None:
    schema = make_schema(["share_cards"])
    assert {table.id for table in schema.tables} == {"share_cards", "oracle_artifacts", "card_phrases"}
    assert "content_sha256" not in schema_dot("light", ["share_cards"])
    assert "scroll_id" in schema_dot("light", ["share_cards"])


def test_every_table_belongs_to_one_topic_and_is_told() -> None:
    shown = [table.id for table in make_schema(None).tables]
    assert sorted(shown) == sorted(table.id for table in RULES.tables)
    for table in RULES.tables:
        assert f"{table.id} has" in schema_text()


def test_a_table_stands_under_the_topic_of_the_file_that_declares_it() -> None:
    files = [path for path in (PROJECT / "lab/rules/tables").glob("*.py") if path.stem != "__init__"]
    assert sorted(Path(str(file.__file__)) for topic in TOPICS.values() for file in topic) == sorted(files)
    for topic in make_schema(None).topics:
        sources = "\n".join(Path(str(file.__file__)).read_text() for file in TOPICS[topic.title])
        declared = re.findall(r"^(\w+) = Table\(", sources, re.MULTILINE)
        assert {table.id for table in topic.tables} == set(declared)


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(KeyError):
        schema_dot("light", ["no_such_table"])


def test_hostile_words_stay_words(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = RULES.layers[0].model_copy(update={"title": HOSTILE, "description": HOSTILE})
    channel = RULES.channels[1].model_copy(update={"title": HOSTILE, "leaves": HOSTILE})
    layer = layer.model_copy(update={"channels": (channel,)})
    update = {"layers": (layer, *RULES.layers[1:]), "channels": (channel,)}
    monkeypatch.setattr(flow_module, "RULES", RULES.model_copy(update=update))
    svg = flow_svg(plan_of(layer.id, "pdf"), "light")
    assert "<script" not in svg
    assert '<script>alert("x")</script>' in words_in(svg).replace(" ", "").replace("\xa0", "")


@pytest.mark.parametrize("theme", PALETTES)
def test_svg_fits_into_a_page(theme: Theme) -> None:
    plan = plan_of("artifacts", "email", "share_card", consents=("email_delivery",))
    across, down = flow_svg(plan, theme), flow_svg(plan, theme, "down")
    for svg in (across, down, schema_svg(theme)):
        assert svg.startswith("<svg ")
        root = ElementTree.fromstring(svg)
        assert (root.get("role"), root.get("style")) == ("img", "max-width:100%;height:auto;white-space:pre")
        assert float(root.get("viewBox", "").split()[2]) > 100
        assert root[0].text
        assert not re.search(r"<!|<\?|<script|<a\b|href|on[a-z]+=", svg)
    ids = re.findall(r'\bid="([^"]+)"', across + down + schema_svg(theme))
    assert len(ids) == len(set(ids))


def test_every_text_is_pinned_to_its_width() -> None:
    svg = flow_svg(plan_of("artifacts", "pdf", "receipt"), "light")
    assert svg.count("<text") == svg.count("textLength=")


def test_the_same_plan_gives_the_same_bytes() -> None:
    plan = plan_of("passport", "email", "pdf")
    first = (flow_svg(plan, "dark"), flow_png(plan, "dark"), schema_png("light", ["consents"]))
    renderer.render.cache_clear()
    assert (flow_svg(plan, "dark"), flow_png(plan, "dark"), schema_png("light", ["consents"])) == first
    assert first[1].startswith(b"\x89PNG")


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES.keys())
def test_words_and_lines_stand_out(palette: Palette) -> None:
    pairs = [(ink, surface) for ink in (palette.ink, palette.muted) for surface in (palette.page, palette.card)]
    for tone in palette.tones().values():
        pairs += [(tone.ink, tone.fill), (tone.ink, palette.card), (tone.ink, palette.page)]
        assert min(contrast(tone.line, palette.page), contrast(tone.line, palette.card)) >= 3
    assert min(contrast(palette.line, palette.page), contrast(palette.line, palette.card)) >= 3
    for ink, surface in pairs:
        assert contrast(ink, surface) >= 4.5, f"{ink} on {surface}"


@pytest.mark.skipif(not CONFIG.exists(), reason="the app's theme is not part of this checkout")
@pytest.mark.parametrize("theme", PALETTES)
def test_colours_are_the_apps(theme: Theme) -> None:
    wanted = tomllib.loads(CONFIG.read_text())["theme"][theme]
    palette = PALETTES[theme]
    assert palette.accent.line == wanted["primaryColor"]
    assert (palette.page, palette.ink) == (wanted["backgroundColor"], wanted["textColor"])


def test_without_a_program_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    renderer.render.cache_clear()
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(PictureUnavailable, match=r"(?s)graphviz-pure.*requirements\.txt.*download the DOT text"):
        flow_svg(plan_of("scroll"), "light")


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (subprocess.TimeoutExpired("dot", 20), "did not finish within 20 s"),
        (subprocess.CalledProcessError(1, "dot", stderr=b"bad label\nmore"), "bad label"),
        (OSError(8, "Exec format error"), "Exec format error"),
    ],
    ids=["slow", "failed", "broken"],
)
def test_a_failing_program_is_reported(monkeypatch: pytest.MonkeyPatch, failure: Exception, said: str) -> None:
    def fail(*_: object, **__: object) -> None:
        raise failure

    renderer.render.cache_clear()
    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(PictureUnavailable, match=said):
        schema_png("dark")


def test_dot_on_the_path_is_the_second_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        shutil, "which", lambda name, path=None: "/somewhere/dot" if name == "dot" and not path else None
    )
    assert renderer.find_program() == "/somewhere/dot"


def test_nothing_passes_after_a_closed_gate() -> None:
    for plan in (plan_of("artifacts", "gift", consents=("gift_recipient",)), plan_of("passport", "pdf")):
        dot = flow_dot(plan, "light")
        into_channel = [line for line in dot.splitlines() if re.search(r'-> "(channel|receiver) ', line)]
        assert into_channel
        assert all("dashed" in line for line in into_channel)
