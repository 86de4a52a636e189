"""The benchmark of clicks: what is replayed as the floor of a page, and what a row of its table says."""

import json

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.click_rows import ClickRow, report_clicks
from benchmarks.replay import Sent, find_drawn

BOTH = ClickRow("tour, Next", page=[0.3, 0.1, 0.2], empty=[0.1], same=[0.16], server=[0.012], empty_server=[0.005])
LINK = ClickRow("tour, Schema", page=[0.12], empty=[0.1])


def sent(whole: bool, mark: str) -> Sent:
    return Sent(whole, 0.0, [ForwardMsg(hash=mark)])


@pytest.mark.parametrize(
    ("runs", "drawn"),
    [
        ([sent(True, "a"), sent(True, "b"), sent(False, "c")], ["b", "c"]),
        ([sent(False, "a"), sent(True, "b")], ["b"]),
        ([sent(False, "a")], ["a"]),
        ([], []),
    ],
)
def test_a_replay_begins_with_the_last_run_that_drew_the_page_whole(runs: list[Sent], drawn: list[str]) -> None:
    assert [message.hash for message in find_drawn(runs)] == drawn


def test_a_click_is_compared_with_both_floors() -> None:
    assert BOTH.ratio("empty") == pytest.approx(2)
    assert BOTH.ratio("same") == pytest.approx(1.25)
    assert LINK.ratio("same") is None


def test_the_table_names_what_is_above_the_limit_and_the_json_has_every_repeat(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report_clicks([BOTH, LINK], False, 1.5, ["A note."])
    told = capsys.readouterr().out
    assert "tour, Next    " in told
    assert "Above 1.5 times the empty page: tour, Next 2.00." in told
    assert "A note." in told
    report_clicks([BOTH], True, 1.5, [])
    assert json.loads(capsys.readouterr().out)["rows"][0]["page"] == BOTH.page
