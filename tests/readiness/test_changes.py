"""What changed from check to check, and two checks side by side; pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.readiness.changes import compare_runs, find_changes
from lab.readiness.history import KeptRun, keep_run
from tests.readiness.reports import finding, report, run

CHANGES = [
    ("first", [run(1, "a")], {"new": "a"}),
    ("staying", [run(1, "a"), run(2, "a")], {"staying": "a"}),
    ("resolved", [run(1, "a", "b"), run(2, "b")], {"resolved": "a", "staying": "b"}),
    ("reopened", [run(1, "a"), run(2), run(3, "a")], {"reopened": "a"}),
    ("new beside others", [run(1, "a"), run(2, "a", "b")], {"new": "b", "staying": "a"}),
    ("not all was checked", [run(1, "a"), run(2, complete=False)], {"unverified": "a"}),
    ("not asked", [run(1, "a"), run(2, asked=False)], {"unverified": "a"}),
    ("seen again after it was not asked", [run(1, "a"), run(2, asked=False), run(3, "a")], {"staying": "a"}),
    ("resolved after it was not asked", [run(1, "a"), run(2, asked=False), run(3)], {"resolved": "a"}),
    ("long resolved", [run(1, "a"), run(2), run(3)], {}),
    ("other layers", [run(1, "a", "b"), run(2, "a", scope="echo")], {"staying": "a", "unverified": "b"}),
    ("new with other layers", [run(1), run(2, "a", scope="echo")], {"new": "a"}),
    ("resolved with its layers", [run(1, "a"), run(2, "a", scope="echo"), run(3, scope="echo")], {"resolved": "a"}),
    ("not with others", [run(1, "a", scope="echo"), run(2, scope="scroll")], {"unverified": "a"}),
    ("resolved with all layers", [run(1, "a", scope="echo"), run(2)], {"resolved": "a"}),
    ("reopened with fewer layers", [run(1, "a"), run(2), run(3, "a", scope="echo")], {"reopened": "a"}),
    ("back to all layers", [run(1, "a"), run(2, scope="echo"), run(3, "a")], {"staying": "a"}),
]


@pytest.mark.parametrize(("runs", "expected"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_changes(runs: list[KeptRun], expected: dict[str, str]) -> None:
    found = {kind: ",".join(keys) for kind, keys in find_changes(runs) if keys}
    assert found == expected


def test_no_run_changes_nothing() -> None:
    assert find_changes([]) == find_changes([run(1)])


@given(st.lists(st.tuples(st.sets(st.sampled_from("abc")), st.booleans()), min_size=1, max_size=6))
def test_every_key_is_in_one_kind_and_what_was_seen_is_there(steps: list[tuple[set[str], bool]]) -> None:
    runs = [run(day, *keys, complete=complete) for day, (keys, complete) in enumerate(steps)]
    changes = find_changes(runs)
    kinds = [set(keys) for _, keys in changes]
    assert sum(map(len, kinds)) == len(set().union(*kinds))
    assert {*changes.new, *changes.reopened, *changes.staying} == steps[-1][0]
    assert not (changes.resolved and not steps[-1][1])


def test_the_worst_comes_first() -> None:
    made = report(finding("a", severity="low"), finding("b", severity="critical"), finding("c", severity="low"))
    changes, difference = find_changes([keep_run(made)]), compare_runs(keep_run(made), keep_run(report()))
    assert changes.new == difference.only_left == ("b", "a", "c")


def test_compare_two_targets() -> None:
    found = compare_runs(run(1, "a", "b", target="staging"), run(1, "b", "c", target="production", complete=False))
    assert (found.only_left, found.only_right, found.both) == ((), ("c",), ("b",))
    assert found.not_comparable == ("wall",)
    found = compare_runs(run(1, "a", "b"), run(1, "b", "c"))
    assert (found.only_left, found.only_right, found.both) == (("a",), ("c",), ("b",))
    assert found.not_comparable == ()


def test_what_only_one_of_two_asked_is_on_no_side() -> None:
    plain, probing = run(1, "a"), run(2, "a", "tried")
    tried = next(finding for finding in probing.findings if finding.key == "tried")
    others = tuple(finding for finding in probing.findings if finding.key != "tried")
    families = {**probing.families, "probes": "broken"}
    probing = probing.model_copy(
        update={
            "findings": (*others, tried.model_copy(update={"family": "probes"})),
            "families": families,
            "complete": probing.complete | {"probes"},
        }
    )
    found = compare_runs(plain, probing)
    assert (found.only_left, found.only_right, found.both) == ((), (), ("a",))
    assert found.not_comparable == ("probes",)


def test_a_check_of_some_layers_says_nothing_of_the_others() -> None:
    whole, part = run(1, "a", "b"), run(2, "b", "c").model_copy(update={"scope": "scroll"})
    found = compare_runs(whole, part)
    assert (found.only_left, found.only_right, found.both) == ((), ("c",), ("b",))
    assert found.not_comparable == ("wall",)
