"""Web addresses. Pure."""

from urllib.parse import urlsplit


def find_host(value: str) -> str | None:
    """Return an address's host in its ASCII form, None when there is none or the address is invalid."""
    try:
        host = urlsplit(value).hostname
        return host.encode("idna").decode() if host else None
    except ValueError:
        return None
