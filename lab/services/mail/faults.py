"""Why a message cannot be composed."""

from lab.text.errors import LabError


class NotComposed(LabError):
    """A message cannot be composed; says which part is wrong, and never what it holds.

    Args:
        subject: The message or the part that is wrong.
        found: What is wrong with it.
        next_step: What to do.
        code: A short code for `delivery_jobs.error_class`. Another attempt fails as well.
    """

    def __init__(self, subject: str, found: str, next_step: str, *, code: str = "mail.composed") -> None:
        super().__init__(subject, found, next_step)
        self.code = code
