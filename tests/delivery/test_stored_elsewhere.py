"""A job whose file is kept in a bucket: it comes back the same, and what the bucket refuses is the job's code."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from lab.services.delivery.removal import remove_files
from lab.services.files.supabase import SupabaseStore
from lab.services.serving import HOST, listen, serve
from tests.delivery.people import Shop
from tests.files.supabase_api import Api

KEY, BUCKET = "sb_secret_Zk3vQ9pLm2Xw8RtYb5Nc7Df1", "readings"


@pytest.fixture
def api() -> Api:
    """A project's storage with a private bucket."""
    return Api(key=KEY, buckets={BUCKET: False})


@pytest.fixture
def address(api: Api) -> Iterator[str]:
    """Where it is served."""
    with listen(0) as listener, serve(api.app(), listener):
        yield f"http://{HOST}:{listener.getsockname()[1]}"


def test_a_file_is_kept_in_the_bucket_and_deleted_from_it(shop: Shop, api: Api, address: str) -> None:
    store = SupabaseStore(address, KEY, BUCKET)
    shop.queue("pdf")
    assert [(done.state, done.code) for done in shop.run(site=replace(shop.site, store=store))] == [("done", None)]
    ((name,),) = shop.read("select storage_path from public.oracle_artifacts where kind = 'pdf'")
    assert [(bucket, path, type) for (bucket, path), (_, type) in api.objects.items()] == [
        (BUCKET, name, "application/pdf")
    ]
    assert store.get(name).startswith(b"%PDF-")
    shop.change("update public.oracle_artifacts set storage_path = null where kind = 'pdf'")
    with shop.connect() as connection:
        assert remove_files(store, connection) == 1
    assert api.objects == {}


REFUSED: dict[str, tuple[Callable[[Api], object], str]] = {
    "another key": (lambda api: setattr(api, "key", "another"), "store.denied"),
    "no bucket": (lambda api: api.buckets.clear(), "store.no_bucket"),
    "a public bucket": (lambda api: api.buckets.update({BUCKET: True}), "store.public"),
    "a busy server": (lambda api: setattr(api, "busy", 1), "store.busy"),
}


@pytest.mark.parametrize("how", REFUSED)
def test_what_the_bucket_refuses_is_tried_again_and_nothing_is_lost(
    shop: Shop, api: Api, address: str, how: str
) -> None:
    spoil, code = REFUSED[how]
    spoil(api)
    site = replace(shop.site, store=SupabaseStore(address, KEY, BUCKET))
    shop.queue("pdf")
    assert [(done.state, done.code) for done in shop.run(site=site)] == [("pending", code)]
    assert shop.read("select error_class from public.delivery_jobs") == [(code,)]
    api.key, api.buckets, api.busy = KEY, {BUCKET: False}, 0
    shop.be_due()
    assert [done.state for done in shop.run(site=site)] == ["done"]
