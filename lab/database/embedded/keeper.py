"""Stops an embedded server when its last user has ended, in whatever way.

Run as a program of its own, so that it outlives a killed process. Standard library only: it starts in
milliseconds and stays small. Every user of a server holds a shared lock on one file, which the operating
system releases even after `kill -9`. When the exclusive lock is granted, the last user has gone.
"""

import contextlib
import fcntl
import json
import os
import socket
import subprocess
import sys
from typing import Any


def keep(order: dict[str, Any]) -> None:
    """Wait until the server has no user left, then stop it.

    Args:
        order: `users` and `keeper` (lock files), `socket` (path), `stop` (command), `account` (uid, gid or
            null: whose command it is).
    """
    watch = os.open(order["keeper"], os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        fcntl.flock(watch, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # another keeper is already running
    if os.fork():
        return  # the caller goes on; the lock stays with the child
    os.setsid()
    users = os.open(order["users"], os.O_RDONLY | os.O_CREAT, 0o644)
    fcntl.flock(users, fcntl.LOCK_EX)
    stop(order)
    os.close(watch)  # first, so that the next user, who waits for `users`, can start a keeper
    os.close(users)


def stop(order: dict[str, Any]) -> None:
    """Stop the server if it answers; after a crash another process may have its number."""
    with socket.socket(socket.AF_UNIX) as line:
        if line.connect_ex(order["socket"]):
            return
    account = order["account"]
    lent = {"user": account[0], "group": account[1], "extra_groups": []} if account else {}
    subprocess.run(order["stop"], capture_output=True, check=False, cwd="/", **lent)
    with contextlib.suppress(OSError):
        os.rmdir(os.path.dirname(order["socket"]))


if __name__ == "__main__":
    keep(json.loads(sys.argv[1]))
