"""Refusals in the shape of Stripe's errors, as its official client reads them."""

from typing import Any

Thing = dict[str, Any]
"""An object of the API, as it is written in JSON."""

NOTICE = "This is Local Stripe, a stand-in for tests and demos; it serves a part of Stripe's API."


class ApiError(Exception):
    """A request is refused.

    Args:
        status: HTTP status.
        message: The sentence that the client shows.
        type: Stripe's type of error; the client chooses its exception by it and by the status.
        more: Further keys of the error, such as `code`, `param` or `decline_code`.
    """

    def __init__(self, status: int, message: str, *, type: str = "invalid_request_error", **more: Any) -> None:
        super().__init__(message)
        self.status, self.message, self.type, self.more = status, message, type, more

    def body(self) -> Thing:
        """Return the answer's body."""
        more = {key: value for key, value in self.more.items() if value is not None}
        return {"error": {"type": self.type, "message": self.message, **more}}


def missing_object(name: str, id: str, param: str = "id") -> ApiError:
    """Refuse an id that does not exist.

    Args:
        name: What it should be, such as `product`.
        id: The id that was given.
        param: The parameter that it was given in.
    """
    return ApiError(404, f"No such {name}: '{id}'", code="resource_missing", param=param)


def unknown_parameter(param: str) -> ApiError:
    """Refuse a parameter that Stripe does not know, or that is not served here."""
    return ApiError(400, f"Received unknown parameter: {param}. {NOTICE}", code="parameter_unknown", param=param)


def missing_parameter(param: str) -> ApiError:
    """Refuse a call that lacks a required parameter."""
    return ApiError(400, f"Missing required param: {param}.", code="parameter_missing", param=param)


def invalid_parameter(param: str, found: str, code: str | None = None) -> ApiError:
    """Refuse a parameter's value, with a sentence about it."""
    return ApiError(400, found, code=code, param=param)
