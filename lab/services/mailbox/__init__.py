"""A mailbox on this machine: it receives every message by SMTP, shows it on a page, and fails as it is told to."""

from lab.services.mailbox.faults import Fault, answer, close, drop_answer, wait
from lab.services.mailbox.letters import Letter
from lab.services.mailbox.running import Mailbox, serve_mailbox

__all__ = ["Fault", "Letter", "Mailbox", "answer", "close", "drop_answer", "serve_mailbox", "wait"]
