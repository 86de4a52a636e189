"""The receiver as a route of the app, when a secret of the webhook is set."""

import logging
import os
from functools import cache
from typing import TYPE_CHECKING

from starlette.routing import Route

if TYPE_CHECKING:
    from lab.services.billing.receiver import Receiver

log = logging.getLogger(__name__)
PATH = "/stripe/webhook"
VARIABLE = "STRIPE_WEBHOOK_SECRET"  # its name is repeated, since the rules are slow to import


def make_routes() -> list[Route]:
    """Return the route of the webhook; none without a secret, or with settings that cannot be used."""
    receiver = open_receiver()
    return [] if receiver is None else [Route(PATH, receiver, name="webhook")]


@cache
def open_receiver() -> "Receiver | None":
    """Return this process's one receiver, None when there is none; a line of the log tells which setting is wrong."""
    if VARIABLE not in os.environ:
        return None
    from lab.services.billing.receiver import Receiver
    from lab.services.billing.settings import SettingsUnusable, read_settings

    try:
        return Receiver(read_settings(os.environ))
    except SettingsUnusable as error:
        log.error("The webhook %s is not served. %s", PATH, error)
        return None
