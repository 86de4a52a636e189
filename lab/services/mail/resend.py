"""Sends a message by Resend's API. The job's key goes along, so an uncertain sending may be repeated for 24 hours.

Source: https://resend.com/docs/api-reference/emails/send-email, .../api-reference/errors, .../api-reference/rate-limit
"""

import email
import email.policy
import functools
import re
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage

import httpx

from lab.rules.providers import resend as RULE
from lab.services.mail.compose import KEY, Composed
from lab.services.mail.provider import Refused, Sent, Uncertain

ADDRESS = "https://api.resend.com"
TIMEOUT_SECONDS = 20.0
_PASSED_ON = ("List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted")
_ACCOUNT = (401, 403)  # the key or the domain: repaired without touching the job
_NAME = re.compile(r"[a-z][a-z_]{0,30}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Nothing was sent: the request was not even written.
_UNWRITTEN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)


@functools.cache
def trust_known() -> ssl.SSLContext:
    """Return what trusts the certificates that httpx brings; it is made once, which takes a while."""
    return httpx.create_ssl_context(trust_env=False)


@dataclass(frozen=True)
class Resend:
    """An account at Resend. Its `repr` shows no key.

    Args:
        key: The API key.
        address: Where the API is.
        timeout_seconds: The longest wait for a connection and for each part of an answer.
    """

    key: str = field(repr=False)
    address: str = ADDRESS
    timeout_seconds: float = TIMEOUT_SECONDS

    name = RULE.id
    ability = RULE.ability
    window_seconds = RULE.window_seconds

    def send(self, composed: Composed, key: str) -> Sent:
        """Hand over a message; see `Provider.send`.

        Raises:
            Refused: The request was not written, or Resend answered that it does not accept it.
            Uncertain: There is no answer, or it is a fault of Resend. `resend.key_reused` says that another message was
                sent under the key, so a repetition changes nothing and a person decides.
        """
        if not KEY.fullmatch(key):  # it would not fit into a header
            raise Refused("resend.key", permanent=True)
        failure, answer = self._post(composed, key)
        if answer is None:
            raise failure or Uncertain("resend.no_answer")
        if answer.status_code // 100 != 2:
            raise _explain(answer)
        id = _read(answer, "id")
        if not _ID.fullmatch(id):
            raise Uncertain("resend.unreadable")
        return Sent(provider_id=id)

    def _post(self, composed: Composed, key: str) -> tuple[Refused | Uncertain | None, httpx.Response | None]:
        """Return an answer or a failure. httpx's errors hold the request with its key, so none is passed on."""
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": key}
        try:
            with httpx.Client(timeout=self.timeout_seconds, trust_env=False, verify=trust_known()) as client:
                return None, client.post(f"{self.address}/emails", headers=headers, json=_body(composed))
        except _UNWRITTEN:
            return Refused("resend.connect"), None
        except httpx.TimeoutException:
            return Uncertain("resend.timeout"), None
        except httpx.HTTPError:
            return Uncertain("resend.no_answer"), None


def _body(composed: Composed) -> dict[str, object]:
    """Return a message in the form of the API, which makes its own MIME parts and its own Message-ID."""
    message = email.message_from_bytes(composed.raw, policy=email.policy.SMTPUTF8)
    return {
        "from": str(message["From"]),
        "to": [composed.to],
        "subject": str(message["Subject"]),
        "html": _words(message, "html"),
        "text": _words(message, "plain"),
        "headers": {name: str(message[name]) for name in _PASSED_ON},
    }


def _words(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def _explain(answer: httpx.Response) -> Refused | Uncertain:
    """Return what an answer other than success says."""
    status, name = answer.status_code, _read(answer, "name")
    code = f"resend.{name}" if _NAME.fullmatch(name) else f"resend.{status}"
    if name == "invalid_idempotent_request":
        return Uncertain("resend.key_reused")
    if status == 409:  # the first request of this key is still running
        return Uncertain(code)
    if status == 429:
        return Refused(code, retry_after_seconds=_read_wait(answer))
    if status // 100 == 4:
        return Refused(code, permanent=status not in _ACCOUNT)
    return Uncertain(f"resend.{status}")


def _read(answer: httpx.Response, name: str) -> str:
    """Return a text of a JSON answer, empty if there is none."""
    try:
        told = answer.json()
    except ValueError:
        return ""
    value = told.get(name) if isinstance(told, dict) else None
    return value if isinstance(value, str) else ""


def _read_wait(answer: httpx.Response) -> int | None:
    """Return how many seconds to wait, at most a day."""
    told = answer.headers.get("retry-after", "")
    return min(int(told), 86_400) if re.fullmatch("[0-9]{1,9}", told, re.ASCII) else None
