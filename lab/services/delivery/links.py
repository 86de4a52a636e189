"""The tokens in links: derived, so that a repeated message is the same; only their hashes are stored."""

import hashlib
import hmac

OPEN, RECOVER, UNSUBSCRIBE, ACCEPT = "open", "recover", "unsubscribe", "accept"
DAY = 86_400
# How long a link is valid. A link that opens an account's page needs a login; a recovery link is a key.
VALID_SECONDS = {OPEN: 90 * DAY, RECOVER: 1800, UNSUBSCRIBE: 366 * DAY}
PATHS = {OPEN: "r", RECOVER: "recover", UNSUBSCRIBE: "stop", ACCEPT: "gift"}


def derive_token(secret: bytes, purpose: str, name: str) -> str:
    """Return the token of a link: 64 hexadecimal digits that nobody can guess without the secret.

    Args:
        secret: The key of the links.
        purpose: What the link is for.
        name: What it belongs to: a job's idempotency key, or an invitation's id.
    """
    return hmac.new(secret, f"{purpose} {name}".encode(), hashlib.sha256).hexdigest()


def hash_token(token: str) -> bytes:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).digest()


def write_link(address: str, purpose: str, token: str) -> str:
    """Return the link of a token.

    Args:
        address: The site's address.
        purpose: What it is for.
        token: Its token.
    """
    return f"{address.rstrip('/')}/{PATHS[purpose]}/{token}"
