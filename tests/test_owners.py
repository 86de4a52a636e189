"""Whose rows a policy's expression lets through, read from the rules alone."""

import pytest

from lab.access.row_owners import ALL, NONE, Owner, Share, has_owner, list_owners, may_lack_owner, read_share
from lab.rules import RULES

UID = "(select auth.uid())"
MINE = f"{UID} is not null and subject_id = {UID}"
KNOWN = f"{MINE} and coalesce(((select auth.jwt()) ->> 'is_anonymous')::boolean, false) is false"
OPEN = Share(extent="some", rest="status = 'open' and until > now()")

CASES: list[tuple[str, Owner, bool, bool, Share]] = [
    ("true", "others", False, False, ALL),
    ("false", "own", True, False, NONE),
    (MINE, "own", True, False, ALL),
    (MINE, "others", True, False, NONE),
    (MINE, "nobodys", True, False, NONE),
    (MINE, "own", False, False, NONE),
    (KNOWN, "own", True, False, ALL),
    (KNOWN, "own", True, True, NONE),
    (f"{MINE} and status = 'promoted'", "own", True, False, Share(extent="some", rest="status = 'promoted'")),
    (f"{MINE} and status = 'promoted'", "others", True, False, NONE),
    (f"{UID} is not null and buyer = {UID} or {UID} is not null and heir = {UID}", "own", True, False, ALL),
    (f"(({MINE}) or shared)", "others", True, False, Share(extent="some", rest="shared")),
    (f"artifact_id in (select a.id from public.a a where a.x = 1 or a.subject_id = {UID})", "own", True, False, ALL),
    (
        f"{MINE} and (a = 1 or b = 2) and c = 3",
        "own",
        True,
        False,
        Share(extent="some", rest="(a = 1 or b = 2) and c = 3"),
    ),
    ("(status = 'open' and until > now())", "others", False, False, OPEN),
]


@pytest.mark.parametrize(("expression", "owner", "signed_in", "anonymous", "share"), CASES)
def test_a_condition_is_read_for_one_identity(
    expression: str, owner: Owner, signed_in: bool, anonymous: bool, share: Share
) -> None:
    assert read_share(expression, owner, signed_in=signed_in, anonymous=anonymous) == share


@pytest.mark.parametrize(
    ("table", "owners"),
    [
        ("oracle_scrolls", ("own", "others")),
        ("purchases", ("own", "others", "nobodys")),
        ("share_cards", ("own", "others")),
        ("delivery_attempts", ("own", "others")),
        ("products", ("nobodys",)),
        ("purchase_links", ("nobodys",)),
    ],
)
def test_rows_belong_to_somebody_or_to_nobody(table: str, owners: tuple[Owner, ...]) -> None:
    assert list_owners(RULES.table(table), signed_in=True) == owners
    assert list_owners(RULES.table(table), signed_in=False) == tuple(o for o in owners if o != "own")


def test_every_table_has_rows_of_somebody_or_of_nobody() -> None:
    assert all(has_owner(table) or may_lack_owner(table) for table in RULES.tables)
