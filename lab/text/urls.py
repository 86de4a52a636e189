"""Addresses on the net. Pure."""

from urllib.parse import urlsplit


def find_host(value: str) -> str | None:
    """Return an address's host as the net knows it, None when there is none or it cannot be read."""
    try:
        host = urlsplit(value).hostname
        return host.encode("idna").decode() if host else None
    except ValueError:
        return None
