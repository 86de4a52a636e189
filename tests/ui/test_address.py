import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.plan.scenario import CHANNEL_IDS, CONSENT_IDS, LAYER_IDS, WHAT_IF_IDS
from lab.ui.kit.url import read_query, write_query
from lab.ui.scenario.inputs import FIELDS, VIEWS


def test_the_default_scenario_needs_no_words_in_the_url() -> None:
    values, notices = read_query({}, FIELDS)
    assert values["layer"] == "artifacts"
    assert values["channel"] == values["consent"] == []
    assert values["compare"] is False
    assert write_query(values, FIELDS) == {}
    assert notices == ()


def test_a_shared_link_says_the_layer_even_when_it_is_the_default() -> None:
    values, _ = read_query({}, FIELDS)
    assert write_query(values, FIELDS, whole=True) == {"layer": ["artifacts"]}
    values["channel"] = ["pdf"]
    assert write_query(values, FIELDS) == {"layer": ["artifacts"], "channel": ["pdf"]}


def test_what_is_not_known_is_named_with_what_is_valid() -> None:
    values, notices = read_query(
        {"layer": ["temple"], "channel": ["fax", "pdf"], "compare": ["maybe"], "chanel": ["pdf"]}, FIELDS
    )
    assert values["layer"] == "artifacts"
    assert values["channel"] == ["pdf"]
    told = " ".join(notices)
    assert "Ignored layer “temple”" in told
    assert "scroll, artifacts, echo, council, passport, shop or stripe" in told
    assert "Ignored channel “fax”" in told
    assert "Ignored compare “maybe”" in told
    assert "Ignored “chanel”" in told


def test_two_layers_in_a_link_are_spoken_of() -> None:
    values, notices = read_query({"layer": ["shop", "echo"]}, FIELDS)
    assert values["layer"] == "echo"
    assert "The last valid one is used" in notices[0]


def test_a_stranger_s_text_is_short_and_plain() -> None:
    _, notices = read_query({"channel": ["<b>[x](javascript:1)" + "y" * 500]}, FIELDS)
    assert "<" not in notices[0]
    assert "[" not in notices[0]
    assert len(notices[0]) < 200


@pytest.mark.parametrize("value", ["postgresql://u:PW-1@h/x", "host=h password=PW-1", "u:PW-1@h"])
def test_what_may_hold_a_password_is_not_repeated(value: str) -> None:
    _, notices = read_query({"layer": [value], value: ["x"]}, FIELDS)
    assert len(notices) == 2
    assert "PW" not in " ".join(notices)
    assert all("looks like a database's URL" in notice for notice in notices)


picks = st.fixed_dictionaries(
    {
        "layer": st.sampled_from(LAYER_IDS),
        "channel": st.lists(st.sampled_from(CHANNEL_IDS), unique=True),
        "consent": st.lists(st.sampled_from(CONSENT_IDS), unique=True),
        "what_if": st.lists(st.sampled_from(WHAT_IF_IDS), unique=True),
        "compare": st.booleans(),
        "b_layer": st.sampled_from(LAYER_IDS),
        "b_channel": st.lists(st.sampled_from(CHANNEL_IDS), unique=True),
        "b_consent": st.lists(st.sampled_from(CONSENT_IDS), unique=True),
        "b_what_if": st.lists(st.sampled_from(WHAT_IF_IDS), unique=True),
        "view": st.sampled_from(tuple(VIEWS)),
    }
)


@given(picks)
def test_whatever_is_picked_comes_back_from_its_link(values: dict[str, object]) -> None:
    again, notices = read_query(write_query(values, FIELDS, whole=True), FIELDS)  # type: ignore[arg-type]
    sort = {name: sorted(value) if isinstance(value, list) else value for name, value in values.items()}
    assert {name: sorted(value) if isinstance(value, list) else value for name, value in again.items()} == sort
    assert notices == ()
