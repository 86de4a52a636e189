"""The file of a withdrawn artifact: listed, deleted until the store confirms, and made again for what is given back."""

import contextlib
import hashlib

import pytest

from lab.rules.schedule import list_withdrawn_files
from lab.services.delivery.receipts import find_receipts
from lab.services.delivery.removal import remove_files
from lab.services.files import FileGone, StoreFault
from lab.services.worker import Site, Stop, run_once
from tests.delivery.people import Shop

FILE = "select storage_path, content_sha256, state from public.oracle_artifacts where id = %s"
OPEN = "select count(*) from public.storage_deletions where done_at is null"
WITHDRAW = "update public.oracle_artifacts set state = 'withdrawn', taken_back_from = 'ready' where id = %s"
GIVE_BACK = """
update public.oracle_artifacts set state = taken_back_from, taken_back_from = null
 where id = %s and taken_back_from is not null
"""
HOLD = """
insert into public.legal_holds (table_name, row_id, reason_code)
select %s, case %s when 'oracle_artifacts' then a.id else a.scroll_id end::text, 'tax_audit'
  from public.oracle_artifacts a where a.id = %s
"""


def withdraw_delivered(shop: Shop) -> str:
    """Deliver the PDF, and take it back as a refund does; the file's name."""
    shop.queue("pdf")
    assert [done.state for done in shop.run()] == ["done"]
    ((name, _, _),) = shop.read(FILE, shop.world.ids["pdf"])
    shop.change(WITHDRAW, shop.world.ids["pdf"])
    return str(name)


def run_task(shop: Shop) -> None:
    """Run the scheduled task as a worker does, also when it has just run."""
    shop.change("update public.scheduled_runs set next_run_at = now()")
    site = Site(url=shop.database.url, worker="tests:1")
    with contextlib.closing(Stop()) as stop:
        (ran,) = run_once(site, (list_withdrawn_files,), stop, print)
    assert ran.outcome == "done"


def remove(shop: Shop) -> int:
    """Delete what is listed; how many files."""
    with shop.connect() as connection:
        return remove_files(shop.site.store, connection)


def test_the_worker_removes_the_file_of_what_was_withdrawn(shop: Shop) -> None:
    name = withdraw_delivered(shop)
    content = shop.site.store.get(name)
    run_task(shop)
    assert shop.read(OPEN) == [(1,)]
    assert remove(shop) == 1
    with pytest.raises(FileGone):
        shop.site.store.get(name)
    assert shop.read(OPEN) == [(0,)]
    run_task(shop)
    assert remove(shop) == 0
    digest = hashlib.sha256(content).digest()
    assert [(one.kind, one.state) for one in find_receipts(shop.database.url, digest)] == [("file", "withdrawn")]


def test_a_removal_is_repeated_until_the_store_confirms(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    name = withdraw_delivered(shop)
    run_task(shop)

    def refuse(name: str) -> None:
        raise StoreFault("store.slow")

    with monkeypatch.context() as patch:
        patch.setattr(shop.site.store, "delete", refuse)
        for _ in range(2):
            with pytest.raises(StoreFault):
                remove(shop)
    assert shop.read(OPEN) == [(1,)]
    assert remove(shop) == 1
    with pytest.raises(FileGone):
        shop.site.store.get(name)


def test_what_is_given_back_gets_its_file_again(shop: Shop) -> None:
    name = withdraw_delivered(shop)
    before = shop.site.store.get(name)
    run_task(shop)
    assert remove(shop) == 1
    shop.change(GIVE_BACK, shop.world.ids["pdf"])
    assert shop.read(FILE, shop.world.ids["pdf"])[0][2] == "draft"
    assert [done.state for done in shop.run()] == ["done"]
    again, digest, state = shop.read(FILE, shop.world.ids["pdf"])[0]
    assert (shop.site.store.get(str(again)), state) == (before, "ready")
    assert bytes(digest) == hashlib.sha256(before).digest()


def test_what_is_given_back_before_keeps_its_file(shop: Shop) -> None:
    name = withdraw_delivered(shop)
    shop.change(GIVE_BACK, shop.world.ids["pdf"])
    run_task(shop)
    assert shop.read(FILE, shop.world.ids["pdf"])[0][::2] == (name, "ready")
    assert shop.run() == []


@pytest.mark.parametrize("held", ["oracle_artifacts", "oracle_scrolls"])
def test_a_file_under_a_legal_hold_stays_until_the_hold_ends(shop: Shop, held: str) -> None:
    name = withdraw_delivered(shop)
    shop.change(HOLD, held, held, shop.world.ids["pdf"])
    run_task(shop)
    assert shop.read(FILE, shop.world.ids["pdf"])[0][0] == name
    shop.change("update public.legal_holds set held_until = now() - interval '1 second'")
    run_task(shop)
    assert shop.read(FILE, shop.world.ids["pdf"])[0][0] is None


@pytest.fixture(autouse=True)
def only_its_own_file(shop: Shop) -> None:
    """The person has no other file that is withdrawn."""
    assert shop.read("select count(*) from public.oracle_artifacts where state = 'withdrawn'") == [(0,)]
