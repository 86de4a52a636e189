"""A scenario from the other side: what a person is asked, what reaches them, and what a refusal takes away."""

from hypothesis import given
from hypothesis import strategies as st

from lab import RULES, Scenario, make_plan
from lab.plan.make import Verdict
from lab.plan.person import Step, list_steps
from lab.plan.scenario import CHANNEL_IDS, CONSENT_IDS
from tests.test_what_if import scenarios


def steps_of(layer: str, channels: tuple[str, ...], consents: tuple[str, ...] = (), *what_if: str) -> dict[str, Step]:
    plan = make_plan(Scenario(layer=layer, channels=channels, consents=consents, what_if=what_if))
    return {f"{step.kind} {step.id}": step for step in list_steps(plan)}


def test_what_arrives_stands_in_the_order_of_time() -> None:
    told = steps_of("artifacts", CHANNEL_IDS, CONSENT_IDS)
    order = ["receipt", "email", "pdf", "print_view", "share_card", "gift", "echo", "recovery"]
    assert [step.id for step in told.values() if step.kind == "delivery"] == order
    assert [step.kind for step in told.values()] == sorted(
        (s.kind for s in told.values()), key="question delivery".find
    )


def test_a_refused_consent_is_asked_and_says_what_it_takes_away() -> None:
    told = steps_of("artifacts", ("email", "pdf"))
    assert told["question email_delivery"].words.startswith("May we e-mail you a private link")
    assert not told["question email_delivery"].yes
    mail = told["delivery email"]
    assert (mail.yes, mail.lost) == (False, "Everything is ready in your account. We do not send you e-mail.")
    assert told["delivery pdf"].yes


def test_a_given_consent_lets_the_mail_arrive() -> None:
    told = steps_of("artifacts", ("email",), ("email_delivery",))
    assert (told["question email_delivery"].yes, told["delivery email"].yes) == (True, True)
    assert told["delivery email"].by_email


def test_a_receipt_arrives_without_consent_but_not_by_e_mail() -> None:
    waits = steps_of("scroll", ("receipt",))["delivery receipt"]
    assert (waits.yes, waits.by_email) == (True, False)
    assert waits.no_email_because == "Everything is ready in your account. We do not send you e-mail."
    mailed = steps_of("scroll", ("receipt",), ("email_delivery",))["delivery receipt"]
    assert (mailed.by_email, mailed.no_email_because) == (True, "")


def test_without_the_layer_s_own_consent_nothing_arrives() -> None:
    told = steps_of("council", ("pdf",))
    assert "layers for you that an AI writes" in told["delivery pdf"].lost
    assert steps_of("council", ("pdf",), ("ai_processing",))["delivery pdf"].yes


def test_an_eu_buyer_agrees_to_the_waiver_only_where_the_delivery_begins_at_once() -> None:
    assert "waiver withdrawal_waiver" in steps_of("artifacts", ("pdf",), (), "eu_buyer")
    assert "waiver withdrawal_waiver" not in steps_of("artifacts", ("pdf",))
    assert "waiver withdrawal_waiver" not in steps_of("echo", ("email",), (), "eu_buyer")


def test_what_a_circumstance_rules_out_is_named() -> None:
    told = steps_of("artifacts", ("email", "pdf"), CONSENT_IDS, "minor")
    assert "E-mail is ruled out by “Minor”." in told["delivery email"].lost


@given(scenarios)
def test_all_that_was_chosen_arrives_if_and_only_if_the_verdict_is_ready(scenario: Scenario) -> None:
    plan = make_plan(scenario)
    arrives = [step for step in list_steps(plan) if step.kind == "delivery"]
    assert {step.id for step in arrives} >= set(scenario.channels)
    if plan.verdict is Verdict.READY:
        assert all(step.yes for step in arrives)
    assert all(bool(step.lost) != step.yes for step in arrives)


@given(st.sampled_from(CHANNEL_IDS))
def test_every_channel_says_when_it_arrives(channel: str) -> None:
    layer = next(layer for layer in RULES.layers if channel in [one.id for one in layer.channels])
    assert steps_of(layer.id, (channel,), CONSENT_IDS)[f"delivery {channel}"].when
