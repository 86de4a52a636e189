"""Signatures are verified as Stripe's own library does, and age in both directions."""

import string

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from lab.services.billing.refusal import Refused
from lab.services.billing.signature import check_age, verify_signature
from tests.billing.served import NEW_SECRET, SECRET, sign

NOW = 1_764_000_000
HEX = st.text(string.hexdigits.lower(), min_size=64, max_size=64)
BODIES = st.text(st.characters(codec="utf-8")).map(str.encode)


def is_believed(body: bytes, header: str, *secrets: str) -> bool:
    try:
        verify_signature(body, header, secrets)
    except Refused as refused:
        return (refused.code, refused.status) != ("wrong_signature", 400)
    return True


@given(body=BODIES, at=st.integers(0, 10**12 - 1), own=st.permutations([SECRET, NEW_SECRET]), senders=st.integers(1, 3))
def test_what_the_library_signs_is_believed(body: bytes, at: int, own: list[str], senders: int) -> None:
    signing = [secret for bit, secret in ((1, SECRET), (2, NEW_SECRET)) if senders & bit]
    header = sign(body, *signing, at=at)
    assert verify_signature(body, header, own) == at
    assert is_believed(body, header, own[0]) == (own[0] in signing)
    assert not is_believed(body + b" ", header, *own)


PARTS = st.lists(st.sampled_from(["t", "v1", "v0", "", " t"]).flatmap(
    lambda name: (HEX | st.text(string.printable, max_size=5) | st.just(str(NOW))).map(
        lambda value: f"{name}={value}")))  # fmt: skip


@given(parts=PARTS, real=st.booleans(), body=BODIES)
def test_nothing_is_believed_that_the_library_refuses(parts: list[str], real: bool, body: bytes) -> None:
    header = ",".join([*parts, *([sign(body, at=NOW)] if real else [])])
    if is_believed(body, header, SECRET):
        assert stripe.WebhookSignature.verify_header(body.decode(), header, SECRET)


def test_a_signature_of_another_scheme_counts_for_nothing() -> None:
    header = sign(b"{}", at=NOW)
    assert is_believed(b"{}", header, SECRET)
    assert not is_believed(b"{}", header.replace("v1=", "v0="), SECRET)
    assert not is_believed(b"{}", header.replace(f"t={NOW}", f"t={NOW + 1}"), SECRET)
    assert not is_believed(b"{}", header, SECRET + "\n")
    assert not is_believed(b"{}", header)


@pytest.mark.parametrize(
    ("difference", "code"),
    [(0, ""), (-300, ""), (300, ""), (-301, "too_old"), (301, "from_the_future"), (31536000, "from_the_future")],
)
def test_the_age_is_bounded_in_both_directions(difference: int, code: str) -> None:
    if not code:
        check_age(NOW + difference, NOW)
        return
    with pytest.raises(Refused, match=code) as told:
        check_age(NOW + difference, NOW)
    assert told.value.clock_difference_seconds == difference
