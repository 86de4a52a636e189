"""Keeps files in a private bucket of S3, or of a store that speaks its protocol."""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import obstore
from obstore import exceptions
from obstore.store import S3Store as Bucket

from lab.services.files.store import FileGone, StoreFault, check_content, is_name, media_type, name_file

READ_SECONDS = 10.0
PRIVATE_SECONDS = 300.0  # how long a bucket that was found private is trusted


class S3Store:
    """Keeps files in a bucket. Whether it is private is found out by asking for a file without a key.

    Args:
        endpoint: Address of the store, with its scheme.
        bucket: Name of the bucket.
        key: Id of the access key.
        secret: The secret access key.
        region: Region of the bucket.
        clock: Returns seconds that only grow.
        seconds: How long an answer may take.
    """

    def __init__(
        self,
        endpoint: str,
        bucket: str,
        *,
        key: str,
        secret: str,
        region: str,
        clock: Callable[[], float] = time.monotonic,
        seconds: float = READ_SECONDS,
    ) -> None:
        self._place, self._clock, self._seconds = f"{endpoint}/{bucket}", clock, seconds
        self._private_until = 0.0
        self._bucket = Bucket(
            bucket,
            endpoint=endpoint,
            access_key_id=key,
            secret_access_key=secret,
            region=region,
            virtual_hosted_style_request=False,
            client_options={"timeout": timedelta(seconds=seconds), "allow_http": endpoint.startswith("http://")},
            retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=seconds)},
        )

    def put(self, content: bytes, suffix: str, owner: str) -> str:
        """Upload the file, in the place of an earlier one of the same name."""
        name = name_file(content, suffix, owner)
        with _telling():
            obstore.put(self._bucket, name, content, attributes={"Content-Type": media_type(name)}, use_multipart=False)
        if self._clock() >= self._private_until:
            self._refuse_public(name)
        return name

    def get(self, name: str) -> bytes:
        """Download a file with the key, and compare it with its name."""
        if not is_name(name):
            raise FileGone
        with _telling():
            content = bytes(obstore.get(self._bucket, name).bytes())
        return check_content(name, content)

    def delete(self, name: str) -> None:
        """Delete a file, if it is still there."""
        if not is_name(name):
            return
        with contextlib.suppress(FileGone), _telling():
            obstore.delete(self._bucket, name)

    def check(self) -> None:
        """Find out whether the bucket can be read, and whether strangers cannot list it."""
        with _telling():
            for _ in obstore.list(self._bucket, chunk_size=1):
                break
        self._refuse_stranger(f"{self._place}?list-type=2&max-keys=1")

    def _refuse_public(self, name: str) -> None:
        """Delete a file that anybody can read, and refuse the bucket."""
        try:
            self._refuse_stranger(f"{self._place}/{name}")
        except StoreFault:
            self.delete(name)
            raise
        self._private_until = self._clock() + PRIVATE_SECONDS

    def _refuse_stranger(self, url: str) -> None:
        try:
            answer = httpx.get(url, timeout=self._seconds, trust_env=False)
        except httpx.TimeoutException:
            raise StoreFault("store.slow") from None
        except httpx.HTTPError:
            raise StoreFault("store.no_answer") from None
        if answer.status_code < 400:
            raise StoreFault("store.public")


@contextlib.contextmanager
def _telling() -> Iterator[None]:
    """Turn what the client raises into a code: its texts quote addresses and keys."""
    try:
        yield
    except (exceptions.BaseError, OSError) as error:
        fault = _read_fault(str(error))
    else:
        return
    raise fault


def _read_fault(words: str) -> StoreFault:
    """Return the fault that the client's words tell of: the server's code, then the status, then the client's own kind.

    The client has no other form for a status, and reports a missing bucket as a missing file.
    """
    code = next(iter(re.findall("<Code>([A-Za-z]{3,60})</Code>", words)), "")
    status = int(next(iter(re.findall(r"status: (\d{3})\b", words)), "0"))
    if code == "NoSuchBucket":
        return StoreFault("store.no_bucket")
    if status in (401, 403):
        return StoreFault("store.denied")
    if status == 404:
        return FileGone()
    if status == 413 or code == "EntityTooLarge":
        return StoreFault("store.too_large", permanent=True)
    if status == 429 or status >= 500:
        return StoreFault("store.busy")
    if not status and "kind: Timeout" in words:
        return StoreFault("store.slow")
    return StoreFault("store.refused" if status else "store.no_answer")
