"""The matrix of all layers and channels, and the difference of two plans."""

import pytest

from lab import RULES, Scenario, make_plan
from lab.plan import matrix, needs
from lab.plan.difference import compare_plans, list_entries
from lab.plan.make import Verdict
from lab.plan.matrix import Cell, make_matrix
from lab.plan.scenario import CHANNEL_IDS, CONSENT_IDS, LAYER_IDS


def cell_of(layer: str, channel: str = "", consents: tuple[str, ...] = (), *what_if: str) -> Cell:
    cells = [cell for row in make_matrix(consents, what_if) for cell in row]
    (found,) = [cell for cell in cells if (cell.scenario.layer, cell.channel) == (layer, channel)]
    return found


def test_every_layer_and_channel_has_one_cell_that_says_what_its_plan_says() -> None:
    for consents in ((), ("email_delivery", "ai_processing"), CONSENT_IDS):
        rows = make_matrix(consents, ())
        assert [row[0].scenario.layer for row in rows] == list(LAYER_IDS)
        for row in rows:
            assert [cell.channel for cell in row] == ["", *CHANNEL_IDS]
            for cell in row:
                plan = make_plan(cell.scenario)
                offered = not cell.channel or cell.channel in [c.id for c in RULES.layer(cell.scenario.layer).channels]
                assert cell.scenario.consents == consents
                assert (cell.verdict is not Verdict.NOT_OFFERED) == offered
                assert cell.verdict is plan.verdict
                assert set(cell.missing) == set(cell.needs) - set(consents)
                assert bool(cell.why) != offered


def test_selling_artifacts_by_e_mail_needs_the_e_mail_consent() -> None:
    assert cell_of("artifacts", "email").needs == ("email_delivery",)
    assert cell_of("artifacts", "email").missing == ("email_delivery",)
    assert cell_of("artifacts", "email", ("email_delivery",)).missing == ()
    assert cell_of("echo", "echo").needs == ("email_delivery", "echo_followup", "ai_processing")


def test_only_the_seed_s_own_scenario_is_golden() -> None:
    assert [cell.scenario for row in make_matrix() for cell in row if cell.golden] == [Scenario(layer="artifacts")]
    assert not any(cell.golden for row in make_matrix(("email_delivery",)) for cell in row)


def test_a_circumstance_is_seen_in_every_cell() -> None:
    assert cell_of("artifacts", "email", (), "minor").verdict is Verdict.NOT_OFFERED
    assert "under 16" in cell_of("artifacts", "email", (), "minor").why
    assert cell_of("scroll", "pdf", (), "ai_written").needs == ("ai_processing",)


def test_a_new_layer_and_a_new_channel_appear_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the matrix names a layer or a channel."""
    spread = RULES.layer("scroll").model_copy(update={"id": "spread", "title": "Spread"})
    rules = RULES.model_copy(update={"layers": (*RULES.layers, spread)})
    for module in (needs, matrix):
        monkeypatch.setattr(module, "RULES", rules, raising=False)
    monkeypatch.setattr("lab.plan.make.RULES", rules)
    monkeypatch.setattr("lab.plan.scenario.LAYER_IDS", (*LAYER_IDS, "spread"))
    monkeypatch.setattr(matrix, "LAYER_IDS", (*LAYER_IDS, "spread"))
    make_matrix.cache_clear()
    try:
        row = make_matrix()[-1]
        assert row[0].scenario.layer == "spread"
        assert [cell.needs for cell in row] == [cell.needs for cell in make_matrix()[0]]
    finally:
        make_matrix.cache_clear()
        needs.read_needs.cache_clear()


def test_a_difference_names_what_only_one_plan_has() -> None:
    a, b = (make_plan(Scenario(layer="artifacts", channels=channels)) for channels in (("pdf",), ("share_card",)))
    told = compare_plans(a, b)
    assert ("consent", "public_share") in [(entry.kind, entry.name) for entry in told.only_b]
    assert ("table", "public.share_cards") in [(entry.kind, entry.name) for entry in told.only_b]
    assert ("job", "pdf") in [(entry.kind, entry.name) for entry in told.only_a]
    assert ("table", "public.oracle_artifacts") in [(entry.kind, entry.name) for entry in told.both]
    assert next(entry.title for entry in told.only_b if entry.name == "public_share") == "Public share-card"


def test_the_other_way_round_the_sides_change_places() -> None:
    a, b = make_plan(Scenario(layer="echo")), make_plan(Scenario(layer="shop", channels=("gift",), what_if=("minor",)))
    there, back = compare_plans(a, b), compare_plans(b, a)
    assert (there.only_a, there.only_b) == (back.only_b, back.only_a)
    assert len(there.only_a) + len(there.both) == len(list(list_entries(a)))
    assert compare_plans(a, a).only_a == compare_plans(a, a).only_b == ()
