"""Opens the store that FILE_STORE_URL names."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from lab.rules.env import file_store_url, supabase_service_key, supabase_url
from lab.services.files.folder import FolderStore
from lab.services.files.s3 import S3Store
from lab.services.files.store import Store
from lab.services.files.supabase import SupabaseStore
from lab.text.errors import LabError

REGION = "us-east-1"
_LOCAL = ("localhost", "127.0.0.1")


class StoreUnknown(LabError):
    """FILE_STORE_URL names no store that can be opened; its value is not shown."""


def open_store(variables: Mapping[str, str], folder: Path) -> Store:
    """Return the store that FILE_STORE_URL names. Nothing is connected yet.

    Args:
        variables: The environment.
        folder: Where files are kept when the variable is not set.

    Raises:
        StoreUnknown: It has another form, or a variable that it needs is missing.
    """
    url = variables.get(file_store_url.id, "").strip()
    if not url:
        return FolderStore(folder)
    if not re.fullmatch(file_store_url.form, url):
        raise StoreUnknown(file_store_url.id, "It has another form", f"Write {file_store_url.form_in_words}")
    scheme, _, rest = url.partition("://")
    if scheme == "file":
        return FolderStore(Path(unquote(rest)))
    return _open_supabase(variables, rest.rstrip("/")) if scheme == "supabase" else _open_s3(url)


def _open_supabase(variables: Mapping[str, str], bucket: str) -> Store:
    needed = [variables.get(one.id, "").strip() for one in (supabase_url, supabase_service_key)]
    if not all(needed):
        raise StoreUnknown(
            file_store_url.id,
            f"It names a bucket of Supabase, and {supabase_url.id} or {supabase_service_key.id} is not set",
            "Set both",
        )
    return SupabaseStore(needed[0], needed[1], bucket)


def _open_s3(url: str) -> Store:
    parts = urlsplit(url)
    scheme = "http" if parts.hostname in _LOCAL else "https"
    return S3Store(
        f"{scheme}://{parts.netloc.rpartition('@')[2]}",
        parts.path.strip("/"),
        key=unquote(parts.username or ""),
        secret=unquote(parts.password or ""),
        region=parse_qs(parts.query).get("region", [REGION])[0],
    )
