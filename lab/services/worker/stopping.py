"""Asks a worker to stop: by a signal, or by the program that started it."""

import contextlib
import select
import signal
import socket
from collections.abc import Iterator

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# How long a main thread waits in one piece. Python handles a signal between two steps of the main thread, so that one
# which comes as an endless wait begins would not be handled.
LOOK_SECONDS = 0.5


class Stop:
    """A request to stop that a signal handler may make, and that ends every pause at once.

    A socket instead of `threading.Event`, whose lock a handler could find taken by the thread that it interrupts.
    """

    def __init__(self) -> None:
        self._far, self._near = socket.socketpair()
        self._far.setblocking(False)
        self.asked = False

    def ask(self) -> None:
        """Ask to stop. Further calls change nothing."""
        if not self.asked:
            self.asked = True
            self._far.send(b"s")

    def close(self) -> None:
        """Release the sockets. Call it after the last pause has ended."""
        self._far.close()
        self._near.close()

    def pause(self, seconds: float, *others: int) -> bool:
        """Wait, and return True as soon as a stop is asked for. Any number of threads may wait.

        Args:
            seconds: How long at most.
            others: Descriptors of files that end the wait as well when something can be read from them.
        """
        select.select([self._near.fileno(), *others], [], [], max(0.0, seconds))
        return self.asked


@contextlib.contextmanager
def stopping_on_signals() -> Iterator[Stop]:
    """Ask to stop at the first SIGINT or SIGTERM; the second one ends the program. Only in the main thread.

    Raises:
        KeyboardInterrupt: At the second signal.
    """
    stop = Stop()

    def handle(*_: object) -> None:
        if stop.asked:
            raise KeyboardInterrupt
        stop.ask()

    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
