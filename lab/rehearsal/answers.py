"""Remembers what the stock client makes of an answer of Stripe: the same bytes give the same objects.

Most answers of a play are those of the play before it. The stock client needs more time to turn them into its objects
than everything else in a play takes together.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import stripe

from lab.services.billing.stripe_client import Thing, plain

MOST_REMEMBERED = 5000  # answers; then all are forgotten


class Remembered:
    """An object of the stock client that is read, and never changed.

    Args:
        real: The object.
    """

    def __init__(self, real: Any) -> None:
        self._real, self._text = real, json.dumps(plain(real))

    def __getattr__(self, name: str) -> Any:
        """Return what the object has."""
        return getattr(self._real, name)

    def to_dict(self, **_: Any) -> Thing:
        """Return the object as the stock client writes it for JSON: a copy of its own for each caller."""
        made: Thing = json.loads(self._text)
        return made


class RememberedList(Remembered):
    """A whole list of the stock client."""

    def __init__(self, real: Any) -> None:
        super().__init__(real)
        self._parts = [Remembered(part) for part in real.auto_paging_iter()]

    def auto_paging_iter(self) -> Iterator[Remembered]:
        """Yield its objects."""
        return iter(self._parts)


class Answers:
    """What was made of answers so far, for all clients of a process."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], Remembered] = {}
        self._sent: dict[tuple[str, str, str], Any] = {}

    def open_client(self, key: str, way: stripe.HTTPClient) -> stripe.StripeClient:
        """Return the stock client on a way to Stripe, whose reading calls are remembered.

        Args:
            key: The API key.
            way: How it reaches Stripe.
        """
        client = stripe.StripeClient(key, http_client=way, max_network_retries=0)
        requestor: Any = client._requestor
        ask = requestor.request

        def request(
            method: str, url: str, params: Mapping[str, Any] | None = None, options: Any = None, **more: Any
        ) -> Any:
            if method != "get" or options:
                return ask(method, url, params, options, **more)
            return self._read(requestor, key, way, url, params or {}, **more)

        requestor.request = request
        return client

    def _read(
        self, requestor: Any, key: str, way: stripe.HTTPClient, url: str, params: Mapping[str, Any], **more: Any
    ) -> Any:
        """Read from Stripe by the stock client's own steps, each of which is taken once for the same input."""
        asked = (key, url, repr(params))
        if asked not in self._sent:
            self._sent[asked] = requestor._args_for_request_with_retries(
                "get", url, params, None, api_mode="V1", **more
            )[:4]
        method, address, headers, body = self._sent[asked]
        answer, status, sent = way.request_with_retries(method, address, headers, body, max_network_retries=0)
        known = self._made.get((url, answer)) if status == 200 else None
        return known or self._make(requestor, url, params, (answer, status, sent))

    def _make(self, requestor: Any, url: str, params: Mapping[str, Any], answer: tuple[str, int, Any]) -> Any:
        """Turn an answer into an object, and remember it; a refusal is raised, a list that goes on is only returned."""
        response = requestor._interpret_response(*answer, "V1")
        made: Any = stripe._util._convert_to_stripe_object(
            resp=response, params=params, requestor=requestor, api_mode="V1"
        )
        listed = made.object == "list"
        if listed and made.has_more:
            return made
        if len(self._made) >= MOST_REMEMBERED:
            self._made.clear()
        self._made[url, answer[0]] = made = (RememberedList if listed else Remembered)(made)
        return made
