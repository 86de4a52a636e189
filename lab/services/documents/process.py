"""A child process that renders, and how it is asked and ended."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from lab.services.documents.child import DONE, LENGTH, TOO_LARGE
from lab.services.documents.fault import make_fault

_CHILD = Path(__file__).with_name("child.py")
_LARGEST = 1 << 28
"""Bytes of the longest answer that is read."""

# Each thread reserves address space, so that on a large machine the limit of memory would be met by threads alone.
_VARIABLES = {"PYTHONDONTWRITEBYTECODE": "1", "RAYON_NUM_THREADS": "2", "MALLOC_ARENA_MAX": "2"}


class Process:
    """One child, started and ready.

    Args:
        start: Its first request.
        seconds: How long the start may take.

    Raises:
        NotRendered: It did not start.
    """

    def __init__(self, start: dict[str, Any], seconds: float) -> None:
        # A new program, not a fork: a fork of a process with threads can hang. It gets no variable of this process.
        self._child = subprocess.Popen(
            [sys.executable, "-P", str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_VARIABLES | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        self._to, self._from = cast("IO[bytes]", self._child.stdin), cast("IO[bytes]", self._child.stdout)
        self._expired = False
        self.ask(start, seconds)

    @property
    def pid(self) -> int:
        """Return the child's process id."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Tell whether the child can be asked."""
        return self._child.poll() is None

    def ask(self, request: dict[str, Any], seconds: float) -> bytes:
        """Send a request and return the content of the answer; a child that fails to answer is ended.

        Args:
            request: What the child is to do.
            seconds: How long it may take.

        Raises:
            NotRendered: It refused, took too long, or ended.
        """
        try:
            with self._killing_after(seconds):
                self._send(json.dumps(request).encode())
                answer = self._receive()
        except OSError:
            raise make_fault(self._reason()) from None
        except BaseException:  # between a request and its answer, the next answer would be a stranger's
            self.close()
            raise
        if answer[:1] != DONE:
            raise make_fault(answer[1:].decode("ascii", "replace"))
        return answer[1:]

    def close(self) -> None:
        """Kill the child, and wait until it is gone."""
        self._child.kill()
        self._child.wait()
        for pipe in (self._to, self._from):
            with contextlib.suppress(OSError):  # what was not sent is lost
                pipe.close()

    def _send(self, content: bytes) -> None:
        self._to.write(LENGTH.pack(len(content)) + content)
        self._to.flush()

    def _receive(self) -> bytes:
        (length,) = LENGTH.unpack(self._read(LENGTH.size))
        if not 0 < length <= _LARGEST:
            raise OSError
        return self._read(length)

    def _read(self, length: int) -> bytes:
        content = self._from.read(length)
        if len(content) < length:
            raise EOFError
        return content

    @contextlib.contextmanager
    def _killing_after(self, seconds: float) -> Iterator[None]:
        """Kill the child unless the block ends in time; a kill closes the pipes, which ends the block."""
        timer = threading.Timer(seconds, self._expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        except EOFError:
            raise OSError from None
        finally:
            timer.cancel()
            timer.join()  # so that a late kill does not meet the next rendering

    def _expire(self) -> None:
        self._expired = True
        self._child.kill()

    def _reason(self) -> str:
        """End the child and return the code that says why it did not answer."""
        if not self._expired:
            with contextlib.suppress(subprocess.TimeoutExpired):  # its pipe is closed: it is about to end by itself
                self._child.wait(1)
        self.close()
        if self._expired:
            return "render.too_slow"
        # The engine aborts when it gets no memory.
        large = self._child.returncode in (TOO_LARGE, -signal.SIGABRT)
        return "render.too_large" if large else "render.failed"
