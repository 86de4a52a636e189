"""The command that serves the app."""

import argparse
import socket

from lab.cli.outcome import HOLDS, NotDone, tell
from lab.cli.parser import Commands, add_command
from lab.text.product_files import APP


def add_commands(commands: Commands) -> None:
    """Add `serve`."""
    adding = add_command(commands, serve, "python -m lab serve --port 8501", lambda options: "The app has ended.")
    adding.add_argument("--address", default="127.0.0.1", metavar="HOST", help="by default this machine alone")
    adding.add_argument("--port", type=int, default=8501, metavar="N", help="by default 8501")


def serve(options: argparse.Namespace) -> int:
    """Serve the app with uvicorn until Ctrl-C, with /health and /metrics beside it."""
    if not APP.is_file():
        raise NotDone(str(APP), "does not exist", "Run it in the checkout, or install the package again")
    _try_port(options.address, options.port)
    from lab.ui.serve import serve_app  # slow to import, and the other commands need no browser

    tell(f"The app listens on http://{options.address}:{options.port}")
    serve_app(options.address, options.port)
    return HOLDS


def _try_port(address: str, port: int) -> None:
    """Look whether the port is free, before anything is loaded."""
    if not 0 < port < 65536:
        raise NotDone("--port", f"{port} is no port", "Choose one from 1 to 65535")
    try:
        with socket.create_server((address, port), family=socket.AF_INET6 if ":" in address else socket.AF_INET):
            pass
    except OSError as error:
        found = f"the app cannot listen there ({error.strerror or 'unknown address'})"
        raise NotDone(f"{address}:{port}", found, "Choose another --port or --address") from None
