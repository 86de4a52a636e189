"""How an attempt ends when it does not succeed."""


class JobFailed(Exception):
    """An attempt failed; shows its code alone.

    Args:
        code: Short code for `delivery_jobs.error_class`.
        permanent: True when another attempt cannot succeed.
        pause: The next attempt starts after so many seconds at the earliest; None for the queue's own pause.
    """

    def __init__(self, code: str, *, permanent: bool = False, pause: int | None = None) -> None:
        super().__init__(code)
        self.code, self.permanent, self.pause = code, permanent, pause


class JobPostponed(Exception):
    """Nothing may be done now, and the attempt does not count; shows its code alone.

    Args:
        code: Why.
        seconds: How long to wait.
    """

    def __init__(self, code: str, seconds: int) -> None:
        super().__init__(code)
        self.code, self.seconds = code, seconds
