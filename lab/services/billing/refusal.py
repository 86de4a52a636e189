"""The answers to a delivery that is not stored; each has a short code and never quotes what was sent."""


class Refused(Exception):
    """A delivery is refused: sending the same again does not help, so the sender is at fault.

    Args:
        code: Says why, as a short code.
        status: The HTTP status.
        clock_difference_seconds: How far the sender's clock is ahead of this one, if that is the reason.
    """

    def __init__(self, code: str, status: int = 400, clock_difference_seconds: int | None = None) -> None:
        super().__init__(code)
        self.code, self.status, self.clock_difference_seconds = code, status, clock_difference_seconds


class Unavailable(Refused):
    """A delivery could not be stored now; Stripe sends it again."""

    def __init__(self, code: str) -> None:
        super().__init__(code, 503)
