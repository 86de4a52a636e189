"""Keeps files in a private bucket of Supabase Storage, by its HTTP API.

An error is answered with the status 400, and its real status is in the body: `{"statusCode": "404", "error": ...}`.

Source: https://supabase.com/docs/guides/storage/debugging/error-codes, https://supabase.github.io/storage/
"""

import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from lab.services.files.store import FileGone, StoreFault, check_content, is_name, media_type, name_file

CONNECT_SECONDS, READ_SECONDS, MOST_SECONDS = 5.0, 10.0, 30.0
PRIVATE_SECONDS = 300.0  # how long a bucket that was found private is trusted
MOST_BYTES = 100_000_000
_BUCKET_WORDS = ("nosuchbucket", "bucket not found")
_DENIED_WORDS = ("invalidjwt", "unauthorized", "accessdenied", "invalidsignature", "signaturedoesnotmatch")


class SupabaseStore:
    """Keeps files in a bucket; a bucket that is public is refused.

    Args:
        address: Address of the project, as NEXT_PUBLIC_SUPABASE_URL has it.
        key: The server's key.
        bucket: Name of the bucket.
        clock: Returns seconds that only grow.
        seconds: How long a connection and an answer may take; the whole of it at most three times as long.
    """

    def __init__(
        self,
        address: str,
        key: str,
        bucket: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        seconds: float = READ_SECONDS,
    ) -> None:
        self._bucket, self._clock, self._seconds = bucket, clock, seconds
        self._private_until = 0.0
        self._client = httpx.Client(
            base_url=f"{address.rstrip('/')}/storage/v1",
            headers={"apikey": key, "Authorization": f"Bearer {key}"},
            timeout=httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
            trust_env=False,
        )

    def put(self, content: bytes, suffix: str, owner: str) -> str:
        """Upload the file, in the place of an earlier one of the same name."""
        if self._clock() >= self._private_until:
            self.check()
        name = name_file(content, suffix, owner)
        headers = {"Content-Type": media_type(name), "x-upsert": "true", "Cache-Control": "no-store"}
        self._ask("POST", f"/object/{self._bucket}/{name}", content=content, headers=headers)
        return name

    def get(self, name: str) -> bytes:
        """Download a file with the server's key, and compare it with its name."""
        if not is_name(name):
            raise FileGone
        return check_content(name, self._ask("GET", f"/object/authenticated/{self._bucket}/{name}"))

    def delete(self, name: str) -> None:
        """Delete a file, if it is still there."""
        if not is_name(name):
            return
        with contextlib.suppress(FileGone):
            self._ask("DELETE", f"/object/{self._bucket}/{name}")

    def check(self) -> None:
        """Find out whether the bucket is there and private."""
        told = _read_json(self._ask("GET", f"/bucket/{self._bucket}"))
        if told.get("public") is not False:
            raise StoreFault("store.public")
        self._private_until = self._clock() + PRIVATE_SECONDS

    def _ask(self, method: str, path: str, **more: Any) -> bytes:
        """Ask the API, and return the body of a good answer."""
        end = self._clock() + 3 * self._seconds
        try:
            with self._client.stream(method, path, **more) as answer:
                body = b""
                for part in answer.iter_bytes():
                    body += part
                    if self._clock() > end or len(body) > MOST_BYTES:
                        raise StoreFault("store.slow" if len(body) <= MOST_BYTES else "store.too_large")
        except httpx.TimeoutException:
            raise StoreFault("store.slow") from None
        except httpx.HTTPError:
            raise StoreFault("store.no_answer") from None
        if not answer.is_success:
            raise _read_fault(answer.status_code, _read_json(body))
        return body


def _read_json(body: bytes) -> Mapping[str, Any]:
    try:
        told = httpx.Response(200, content=body).json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _read_fault(status: int, told: Mapping[str, Any]) -> StoreFault:
    """Return the fault that an answer tells of. Its words are compared, and never kept."""
    inner = str(told.get("statusCode", ""))
    status = int(inner) if inner.isdecimal() and len(inner) == 3 else status
    words = {str(told.get(name, "")).lower() for name in ("code", "error", "message")}
    if words & set(_BUCKET_WORDS):
        return StoreFault("store.no_bucket")
    if status in (401, 403) or words & set(_DENIED_WORDS):
        return StoreFault("store.denied")
    if status == 404:
        return FileGone()
    if status == 413:
        return StoreFault("store.too_large", permanent=True)
    return StoreFault("store.busy" if status == 429 or status >= 500 else "store.refused")
