"""What a page says that an argument accepts is what the database accepts, and no error comes that no page lists."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from lab.rules import RULES
from lab.rules.derived import CHECK_PREFIX
from lab.sql.functions import function_body
from lab.sql.reference.errors import count_raises, list_failures, list_written, reach_functions, read_failures
from lab.sql.reference.example import Example
from lab.sql.reference.limits import LIMITS, Limit, find_limit, may_be_null
from tests.reference.stage import Outcome, Stage, fits
from tests.reference.test_examples import EXAMPLES, NAMES


def find_example(name: str) -> Example:
    """Return the example of a function."""
    return next(example for example in EXAMPLES if example.function.id == name)


# Values outside the limits that are answered and not refused, each with its answer.
ANSWERED = {
    "settle_purchase.currency": "review",
    "record_refund.payment_intent_id": "unknown",
    "record_dispute.payment_intent_id": "unknown",
    "finish_stripe_event.event_id": False,
    "replay_stripe_event.event_id": False,
    "dismiss_stripe_event.event_id": False,
    "claim_delivery_jobs.channels": [],
    "continue_delivery_jobs.channels": find_example("continue_delivery_jobs").answer,
    "delivery_gate.environment": [{"fault": "another", "stopped": []}],
    "begin_send.environment": "environment.another",
    "finish_send.error_class": "done",  # what was sent has no error
    "keep_bounce.provider_code": "not_ours",
    "finish_scheduled_run.task": False,
}

# What may stand against a value that is allowed in itself: it does not fit the other arguments of the example.
MISFITS = (
    "notice belongs to another purpose",
    "scope_fits_purpose",
    "differs from the row it refers to",
    "needs the consent",
    "does not fit the scheduled task",
    "error_class is a short code",
    "an error class belongs to a failed run",
    "given_with_wording",
    "paid_by_a_payment",
    "this buyer has no such purchase",
    "a job needs a person",
)

EVERYWHERE = {"22P02", "22007", "22008", "2201W"}  # the list in the reference's README
WRITING = {"23502", "23503", "23505", "23514"}  # of a function that writes to a table

ARGUMENTS = [(example, one) for example in EXAMPLES for one in example.function.arguments]
CASES = [pytest.param(*case, id=f"{case[0].function.id}.{case[1].name}") for case in ARGUMENTS]


def wrong_values(limit: Limit, type: str) -> Iterator[Any]:
    """Yield values just outside a limit."""
    if limit.values:
        yield ["none_of_them"] if type.endswith("[]") else "none_of_them"
    if limit.form:
        yield "No such form!"
    if limit.least is not None:
        yield limit.least - 1
    if limit.most is not None:
        yield limit.most + 1


def right_values(limit: Limit, type: str) -> Iterator[Any]:
    """Yield all listed values, and the ends of a range."""
    yield from ([value] if type.endswith("[]") else value for value in limit.values)
    yield from (end for end in (limit.least, limit.most) if end is not None)


def is_documented(example: Example, outcome: Outcome) -> bool:
    listed = {failure.code for failure in list_failures(example.function)}
    return outcome.state in listed | EVERYWHERE | (WRITING if list_written(example.function) else set())


@pytest.mark.sample(every=3)
@pytest.mark.parametrize(("example", "argument"), CASES)
def test_what_is_outside_is_refused_with_a_listed_error(stage: Stage, example: Example, argument: Any) -> None:
    name = f"{example.function.id}.{argument.name}"
    for value in wrong_values(find_limit(example.function, argument), argument.type):
        outcome = stage.call(example, **{argument.name: value})
        if name in ANSWERED:
            assert outcome.state == "", outcome.message
            assert fits(ANSWERED[name], outcome.answer), outcome.answer
        else:
            assert outcome.state, f"{value} is accepted"
            assert is_documented(example, outcome), (outcome.state, outcome.message)


@pytest.mark.sample(every=3)
@pytest.mark.parametrize(("example", "argument"), CASES)
def test_what_is_listed_is_accepted(stage: Stage, example: Example, argument: Any) -> None:
    for value in right_values(find_limit(example.function, argument), argument.type):
        outcome = stage.call(example, **{argument.name: value})
        assert not outcome.state or any(part in outcome.message for part in MISFITS), (value, outcome.message)


@pytest.mark.sample(every=3)
@pytest.mark.parametrize(("example", "argument"), CASES)
def test_null_gives_a_listed_error_or_the_answer_that_the_page_explains(
    stage: Stage, example: Example, argument: Any
) -> None:
    outcome = stage.call(example, **{argument.name: None})
    assert not outcome.state or is_documented(example, outcome), (outcome.state, outcome.message)
    assert outcome.state or outcome.answer is not None or example.nothing_because
    if may_be_null(argument):
        assert not outcome.state or any(part in outcome.message for part in MISFITS), outcome.message


@pytest.mark.parametrize("example", EXAMPLES, ids=NAMES)
def test_unknown_ids_give_a_listed_error_or_an_explained_answer(stage: Stage, example: Example) -> None:
    for argument in example.function.arguments:
        strange = {"uuid": "00000000-0000-4000-8000-000000000000", "bigint": -1}.get(argument.type)
        if strange is not None:
            outcome = stage.call(example, **{argument.name: strange})
            assert not outcome.state or is_documented(example, outcome), (argument.name, outcome)
            assert outcome.state or outcome.answer is not None or example.nothing_because, argument.name
            nothing = outcome.answer == [] or (outcome.answer is None and not outcome.state)
            assert not nothing or example.nothing_because, argument.name


def test_no_error_of_a_body_is_overlooked() -> None:
    others = [function for function in RULES.functions if not function.id.startswith(CHECK_PREFIX)]
    bodies = {function.id: function_body(function) for function in others}
    missed = {id for id, body in bodies.items() if len([*read_failures(body)]) != count_raises(body)}
    assert missed == set()


def test_every_limit_belongs_to_an_argument() -> None:
    names = {one.name for _, one in ARGUMENTS} | {f"{e.function.id}.{one.name}" for e, one in ARGUMENTS}
    assert sorted(set(LIMITS) - names) == []


def test_each_answer_outside_a_limit_belongs_to_an_argument() -> None:
    assert set(ANSWERED) <= {f"{example.function.id}.{one.name}" for example, one in ARGUMENTS}


BODIES = [
    ("raise exception 'no' using errcode = '22023';", [("22023", "no", "")]),
    ("raise exception '% it''s', a\n  using errcode = 'P0002', hint = 'Do b.';", [("P0002", "… it's", "Do b.")]),
    (
        "raise exception 'no' using errcode = '22023', hint = 'Choose ' || f(x) || '.';",
        [("22023", "no", "Choose ….")],
    ),
    ("-- raise exception 'no' using errcode = '22023'", []),
]


@pytest.mark.parametrize(("body", "read"), BODIES)
def test_errors_are_read_from_sql(body: str, read: list[tuple[str, str, str]]) -> None:
    text = "\n".join(line for line in body.splitlines() if not line.startswith("--"))
    assert [(one.code, one.message, one.hint) for one in read_failures(text)] == read
    assert count_raises(body) == len(read)


def test_consents_and_erasures_are_among_the_errors() -> None:
    found = {one.function.id: {(f.code, f.message) for f in list_failures(one.function)} for one in EXAMPLES}
    assert ("42501", "passport_records needs the consent passport_write, which is not given") in found[
        "seal_passport_record"
    ]
    assert ("42501", "consent_events: this person is being erased or was erased") in found["give_consent"]
    assert ("22023", "unknown provider") not in found["finish_send"]


TEXTS = [example for example in EXAMPLES if example.words and not example.words_in]
STATES = {*RULES.table("delivery_jobs").column("status").allowed, *RULES.table("purchases").column("status").allowed}


def test_every_function_that_returns_words_explains_them() -> None:
    told = {"open_share_card", "confirm_waiver", "confirm_withdrawal", "record_withdrawal", "delivery_address"}
    returning = {one.function.id for one in EXAMPLES if one.function.returns == "text"} - told - {"lease_ai_run"}
    assert {one.function.id for one in TEXTS} == returning


@pytest.mark.parametrize("example", TEXTS, ids=[one.function.id for one in TEXTS])
def test_each_word_is_one_that_the_function_can_return(example: Example) -> None:
    body = "\n".join(map(function_body, reach_functions(example.function)))
    written = set(re.findall(r"'([a-z_.]+)'", body)) | STATES
    assert [word for word in example.words if not {word, word.removeprefix("environment.")} & written] == []
    returned = set(re.findall(r"\breturn '([a-z_]+)';", function_body(example.function)))
    assert returned <= set(example.words)


@pytest.mark.parametrize("example", TEXTS, ids=[one.function.id for one in TEXTS])
def test_no_other_word_is_returned(stage: Stage, example: Example) -> None:
    for argument in example.function.arguments:
        limit = find_limit(example.function, argument)
        for value in (*right_values(limit, argument.type), *wrong_values(limit, argument.type), None):
            outcome = stage.call(example, **{argument.name: value})
            assert outcome.state or outcome.answer in example.words, (argument.name, value)
