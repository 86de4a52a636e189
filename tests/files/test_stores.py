"""Every store keeps the same promises, each against a server that speaks its protocol."""

import contextlib
import hashlib
import json
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import httpx
import pytest
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from lab.services.files import FileChanged, FileGone, FolderStore, Store, StoreFault, StoreUnknown, open_store
from lab.services.files.s3 import S3Store
from lab.services.files.store import name_file
from lab.services.files.supabase import SupabaseStore
from lab.services.serving import HOST, listen, serve
from tests.files.supabase_api import Api

KEY = "sb_secret_Zk3vQ9pLm2Xw8RtYb5Nc7Df1"
CONTENT, OWNER = b"%PDF-1.7 what nobody else reads", "6f1c2d3e-4a5b-4c6d-8e7f-90a1b2c3d4e5"
BUCKET = "readings"
OBJECTS = f"arn:aws:s3:::{BUCKET}/*"
Opener = Callable[..., Store]


@dataclass
class Kept:
    """A store and what is behind it.

    Args:
        store: The store.
        open: Opens it anew: `key`, `bucket` and `seconds` may differ.
        spoil: Changes the content of a file behind the store's back.
        publish: Lets everybody read the bucket.
    """

    store: Store
    open: Opener
    spoil: Callable[[str], None]
    publish: Callable[[], None]


@pytest.fixture
def folder(tmp_path: Path) -> Kept:
    """A folder."""
    place = tmp_path / "files"

    def spoil(name: str) -> None:
        (place / name).write_bytes(b"another content")

    def publish() -> None:
        for one in (place, *place.iterdir()):
            one.chmod(0o755)

    return Kept(FolderStore(place), lambda **_: FolderStore(place), spoil, publish)


@pytest.fixture
def supabase() -> Iterator[Kept]:
    """A private bucket of Supabase Storage."""
    api = Api(key=KEY, buckets={BUCKET: False})
    with listen(0) as listener, serve(api.app(), listener):
        address = f"http://{HOST}:{listener.getsockname()[1]}"

        def open_it(*, key: str = KEY, bucket: str = BUCKET, seconds: float = 5.0) -> Store:
            return SupabaseStore(address, key, bucket, seconds=seconds)

        def spoil(name: str) -> None:
            api.objects[BUCKET, name] = b"another content", "application/pdf"

        yield Kept(open_it(), open_it, spoil, lambda: api.buckets.update({BUCKET: True}))


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """A server of S3's protocol, which checks keys."""
    server = ThreadedMotoServer(ip_address=HOST, port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def s3(moto: str) -> Kept:
    """A private bucket of S3, with a key that may use it."""
    httpx.post(f"{moto}/moto-api/reset")
    httpx.post(f"{moto}/moto-api/reset-auth", content=b"1000000")
    free = {"endpoint_url": moto, "region_name": "us-east-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}
    iam, client = boto3.client("iam", **free), boto3.client("s3", **free)
    client.create_bucket(Bucket=BUCKET)
    iam.create_user(UserName="shop")
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    iam.put_user_policy(UserName="shop", PolicyName="all", PolicyDocument=policy)
    made = iam.create_access_key(UserName="shop")["AccessKey"]
    httpx.post(f"{moto}/moto-api/reset-auth", content=b"0")

    def open_it(*, key: str = "", bucket: str = BUCKET, seconds: float = 10.0) -> Store:
        secret = made["SecretAccessKey"]
        id = key or made["AccessKeyId"]
        return S3Store(moto, bucket, key=id, secret=secret, region="us-east-1", seconds=seconds)

    def free_hand(act: Callable[[], object]) -> None:
        httpx.post(f"{moto}/moto-api/reset-auth", content=b"1000")
        act()
        httpx.post(f"{moto}/moto-api/reset-auth", content=b"0")

    def spoil(name: str) -> None:
        free_hand(lambda: client.put_object(Bucket=BUCKET, Key=name, Body=b"another content"))

    def publish() -> None:
        """Let a policy open every object. The server follows policies only while it checks no keys."""
        httpx.post(f"{moto}/moto-api/reset-auth", content=b"1000000")
        allowed = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{BUCKET}/*",
        }
        client.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))

    return Kept(open_it(), open_it, spoil, publish)


@pytest.fixture(params=["folder", "supabase", "s3"])
def kept(request: pytest.FixtureRequest) -> Kept:
    """Each of the stores."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Kept)
    return found


@pytest.fixture(params=["supabase", "s3"])
def remote(request: pytest.FixtureRequest) -> Kept:
    """Each of the stores that are reached over a network."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Kept)
    return found


def fault_of(act: Callable[[], object]) -> str:
    """Return the code of a fault, which tells nothing else."""
    with pytest.raises(StoreFault) as caught:
        act()
    told = "".join(traceback.format_exception(caught.value))
    assert (caught.value.__cause__, KEY in told) == (None, False)
    assert str(caught.value) == caught.value.code
    return caught.value.code


def test_the_same_content_has_the_same_name_and_comes_back(kept: Kept) -> None:
    kept.store.check()
    name = kept.store.put(CONTENT, "pdf", OWNER)
    assert kept.store.put(CONTENT, "pdf", OWNER) == name
    assert kept.store.get(name) == kept.open().get(name) == CONTENT
    assert kept.store.put(CONTENT, "pdf", OWNER.replace("6", "7")) != name
    assert OWNER not in name
    assert kept.store.put(CONTENT + b"!", "pdf", OWNER) != name


def test_a_deleted_file_is_gone_and_may_be_deleted_again(kept: Kept) -> None:
    name = kept.store.put(CONTENT, "pdf", OWNER)
    kept.store.delete(name)
    kept.store.delete(name)
    with pytest.raises(FileGone):
        kept.store.get(name)


def test_a_changed_file_is_told_apart(kept: Kept) -> None:
    name = kept.store.put(CONTENT, "pdf", OWNER)
    kept.spoil(name)
    with pytest.raises(FileChanged):
        kept.store.get(name)
    assert kept.store.put(CONTENT, "pdf", OWNER) == name  # the next attempt repairs it
    assert kept.store.get(name) == CONTENT


def test_a_file_of_an_earlier_form_is_still_read(tmp_path: Path) -> None:
    digest = hashlib.sha256(CONTENT).hexdigest()
    place = tmp_path / digest[:2] / f"{digest[2:]}.pdf"
    place.parent.mkdir()
    place.write_bytes(CONTENT)
    assert FolderStore(tmp_path).get(f"{digest[:2]}/{digest[2:]}.pdf") == CONTENT


@pytest.mark.parametrize("name", ["../secrets.pdf", "/etc/passwd", "ab/cd", "", "ab/../x.pdf", "ab/cd?x=1"])
def test_a_strange_name_leads_nowhere(kept: Kept, name: str) -> None:
    with pytest.raises(FileGone):
        kept.store.get(name)
    kept.store.delete(name)


def test_what_others_can_read_is_refused(kept: Kept) -> None:
    kept.store.put(CONTENT, "pdf", OWNER)
    kept.publish()
    assert fault_of(kept.open().check) == "store.public"


def test_nothing_stays_in_a_public_bucket(supabase: Kept) -> None:
    supabase.publish()
    assert fault_of(lambda: supabase.store.put(CONTENT, "pdf", OWNER)) == "store.public"


def test_nothing_stays_where_strangers_can_read_it(s3: Kept) -> None:
    """A policy can open the objects of a bucket that nobody may list. The store tries it as a stranger."""
    s3.publish()
    store = s3.open()
    assert fault_of(lambda: store.put(CONTENT, "pdf", OWNER)) == "store.public"
    with pytest.raises(FileGone):
        store.get(name_file(CONTENT, "pdf", OWNER))


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "another key": ({"key": "AKIAIOSFODNN7WRONGXX"}, "store.denied"),
    "no such bucket": ({"bucket": "another"}, "store.no_bucket"),
}


@pytest.mark.parametrize("how", WRONG)
def test_bad_keys_and_missing_buckets_are_told_apart(remote: Kept, how: str) -> None:
    changes, code = WRONG[how]
    name = remote.store.put(CONTENT, "pdf", OWNER)
    store = remote.open(**changes)
    acts: list[Callable[[], object]] = [
        store.check,
        lambda: store.put(CONTENT, "pdf", OWNER),
        lambda: store.get(name),
        lambda: store.delete(name),
    ]
    assert [fault_of(act) for act in acts] == [code] * len(acts)


@contextlib.contextmanager
def serving(answer: bytes | None) -> Iterator[str]:
    """Serve a server that takes every connection, and says this; None for nothing at all."""
    with socket.create_server((HOST, 0)) as listener:
        held: list[socket.socket] = []

        def run() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    held.append(connection)
                    if answer is not None:
                        connection.recv(65_536)
                        connection.sendall(answer)
                        connection.close()

        threading.Thread(target=run, daemon=True).start()
        yield f"http://{HOST}:{listener.getsockname()[1]}"
        for connection in held:
            connection.close()


STORES: dict[str, Callable[[str, float], Store]] = {
    "supabase": lambda address, seconds: SupabaseStore(address, KEY, BUCKET, seconds=seconds),
    "s3": lambda address, seconds: S3Store(
        address, BUCKET, key="AKIA1", secret=KEY, region="us-east-1", seconds=seconds
    ),
}
ANSWERS = {
    "nothing": (None, "store.slow"),
    "no HTTP": (b"SSH-2.0-x\r\n\r\n", "store.no_answer"),
    "a fault of the server": (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "store.busy"),
    "a refusal in HTML": (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\n<html>", "store.denied"),
    # The client of S3 follows it, without its signature.
    "elsewhere": (
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        "store.refused store.no_answer",
    ),
}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("kind", STORES)
def test_what_a_server_does_wrong_is_a_code(kind: str, answer: str) -> None:
    said, code = ANSWERS[answer]
    with serving(said) as address:
        store = STORES[kind](address, 0.5)
        assert fault_of(lambda: store.get(f"{'ab'}/{'c' * 62}-{'d' * 12}.pdf")) in code.split()


@pytest.mark.parametrize("kind", STORES)
def test_a_server_that_is_not_there_is_a_code(kind: str) -> None:
    with listen(0) as listener:
        address = f"http://{HOST}:{listener.getsockname()[1]}"
    assert fault_of(STORES[kind](address, 2.0).check) == "store.no_answer"


def test_a_server_that_answers_in_drops_is_slow() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
    seconds = iter(range(1000))
    with serving(head + b"x" * 1000) as address:
        store = SupabaseStore(address, KEY, BUCKET, seconds=0.2, clock=lambda: float(next(seconds)))
        assert fault_of(store.check) == "store.slow"


def test_no_key_is_in_an_address_and_no_file_is_signed(supabase: Kept) -> None:
    api = Api(key=KEY, buckets={BUCKET: False})
    with listen(0) as listener, serve(api.app(), listener):
        store = SupabaseStore(f"http://{HOST}:{listener.getsockname()[1]}", KEY, BUCKET)
        store.delete(store.put(CONTENT, "pdf", OWNER))
    assert [method for method, *_ in api.seen] == ["GET", "POST", "DELETE"]
    assert [path for _, path, _ in api.seen if KEY in path or "sign" in path or "public" in path] == []
    assert api.seen[1][2]["cache-control"] == "no-store"


def test_a_busy_server_is_asked_again_by_the_next_attempt() -> None:
    api = Api(key=KEY, buckets={BUCKET: False}, busy=1)
    with listen(0) as listener, serve(api.app(), listener):
        store = SupabaseStore(f"http://{HOST}:{listener.getsockname()[1]}", KEY, BUCKET)
        assert fault_of(lambda: store.put(CONTENT, "pdf", OWNER)) == "store.busy"
        assert store.get(store.put(CONTENT, "pdf", OWNER)) == CONTENT


OPENED = {
    "file:///var/lib/shop/files": FolderStore,
    "supabase://readings": SupabaseStore,
    "s3://AKIA1:se%2Fcret@s3.example.org/readings?region=eu-central-1": S3Store,
    "s3://AKIA1:secret@127.0.0.1:9000/readings": S3Store,
    "": FolderStore,
}
PROJECT = {"NEXT_PUBLIC_SUPABASE_URL": "https://x.supabase.co", "SUPABASE_SERVICE_ROLE_KEY": KEY}


@pytest.mark.parametrize("url", OPENED)
def test_one_variable_chooses_the_store(url: str, tmp_path: Path) -> None:
    assert type(open_store({"FILE_STORE_URL": url} | PROJECT, tmp_path)) is OPENED[url]


@pytest.mark.parametrize("url", ["ftp://x/y", "s3://hunter2@host/bucket", "file://relative", "supabase://Bad Name"])
def test_another_form_is_refused_and_not_shown(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreUnknown, match="FILE_STORE_URL: It has another form") as caught:
        open_store({"FILE_STORE_URL": url}, tmp_path)
    assert url not in str(caught.value)


def test_a_bucket_of_supabase_needs_its_project(tmp_path: Path) -> None:
    with pytest.raises(StoreUnknown, match="SUPABASE_SERVICE_ROLE_KEY is not set"):
        open_store({"FILE_STORE_URL": "supabase://readings"}, tmp_path)
