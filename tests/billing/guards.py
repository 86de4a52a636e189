"""What each case rests on: take the guard out, and its test must fail.

To add a case: write `test_case_NN_...` in a file of this folder, and add a line to GUARDS.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from lab.services.billing import event_store, events, payload, receiver, signature
from lab.services.billing.refusal import Refused
from lab.services.billing.settings import Settings
from tests.billing import test_receiver as cases

TakeOut = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Guard:
    """A guard, and the case that needs it.

    Args:
        test: The test of the case, named `test_case_NN_...`; its arguments are fixtures.
        without: What the product does once the guard is taken out.
        take_out: Takes it out.
    """

    test: Callable[..., None]
    without: str
    take_out: TakeOut

    @property
    def case(self) -> int:
        """Return the case's number."""
        return int(self.test.__name__.split("_")[2])


def replace(owner: object, name: str, value: Any) -> TakeOut:
    """Replace a function or a limit."""
    return lambda patch: patch.setattr(owner, name, value)


def read_at_once(patch: pytest.MonkeyPatch) -> None:
    """Read a body whatever its Content-Length is, and do not wait long for it."""
    patch.setattr(receiver, "check_length", lambda told: None)
    patch.setattr(receiver, "READ_SECONDS", 0.2)


def believe(body: bytes, header: str, secrets: object) -> int:
    """Believe every signature."""
    with suppress(Refused, ValueError):
        return int(header.partition("t=")[2].partition(",")[0])
    return 0


def check_age_as_the_library(signed_at: int, now: float) -> None:
    """Check the age in one direction alone, as Stripe's own library does."""
    if signed_at < now - signature.MOST_SECONDS:
        raise Refused("too_old", clock_difference_seconds=round(signed_at - now))


def store_or_not(url: str, role: str | None, event: events.Event) -> bool:
    """Answer 200 also when nothing was stored."""
    with suppress(Refused):
        return event_store.store_event(url, role, event)
    return True


def verify_by_the_first(body: bytes, header: str, secrets: tuple[str, ...]) -> int:
    """Verify with the first secret alone."""
    return signature.verify_signature(body, header, secrets[:1])


# A delivery is recorded under an id of its own, as an insert without the unique id would do.
RECORD_EACH = event_store._RECORD.replace("(%s,", "(%s || '_' || floor(random() * 1e9)::text,", 1)

GUARDS = (
    Guard(cases.test_case_01_duplicate_delivery, "the id is not unique", replace(event_store, "_RECORD", RECORD_EACH)),
    Guard(cases.test_case_06_wrong_secret, "signatures are believed", replace(receiver, "verify_signature", believe)),
    Guard(cases.test_case_07_rotated_secret, "one secret counts",
          replace(receiver, "verify_signature", verify_by_the_first)),
    Guard(cases.test_case_08_replayed_old_timestamp, "any age counts", replace(receiver, "check_age", lambda *_: None)),
    Guard(cases.test_case_09_clock_skew, "the future counts", replace(receiver, "check_age", check_age_as_the_library)),
    Guard(cases.test_case_10_huge_or_hostile_body, "any length is read", replace(receiver, "MOST_BYTES", 10**9)),
    Guard(cases.test_case_10_huge_or_hostile_body, "Content-Length is not looked at", read_at_once),
    Guard(cases.test_case_10_huge_or_hostile_body, "only Content-Length counts",
          replace(receiver, "read_body", lambda request: request.body())),
    Guard(cases.test_case_10_huge_or_hostile_body, "texts are not looked at",
          replace(events, "_check_texts", lambda given: None)),
    Guard(cases.test_case_10_huge_or_hostile_body, "repeated keys count", replace(events, "_read_object", dict)),
    Guard(cases.test_case_10_huge_or_hostile_body, "signatures are believed",
          replace(receiver, "verify_signature", believe)),
    Guard(cases.test_case_11_unsigned_or_secret_unset, "no secret is needed",
          replace(Settings, "__post_init__", lambda settings: None)),
    Guard(cases.test_case_12_livemode_mismatch, "every mode is handed on",
          replace(receiver, "is_of_other_mode", lambda *_: False)),
    Guard(cases.test_case_28_personal_data_in_a_payload, "the payload is stored as it is",
          replace(events, "reduce_payload", lambda event: event)),
    Guard(cases.test_case_31_database_down, "errors are 200", replace(receiver, "store_event", store_or_not)),
    Guard(cases.test_case_32_answer_before_the_commit, "the answer does not wait",
          replace(event_store, "commit", lambda connection: None)),
    Guard(cases.test_case_38_older_api_versions, "versions are stored as they are",
          replace(events, "keep_form", lambda value, form: value)),
    Guard(cases.test_case_39_two_endpoints_with_one_address, "one secret counts",
          replace(receiver, "verify_signature", verify_by_the_first)),
    Guard(cases.test_case_39_two_endpoints_with_one_address, "the id is not unique",
          replace(event_store, "_RECORD", RECORD_EACH)),
    Guard(cases.test_case_40_unknown_event_type, "types are stored as they are",
          replace(payload, "known_or_unknown", lambda kind: kind)),
)  # fmt: skip
