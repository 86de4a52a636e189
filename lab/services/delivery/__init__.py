"""Delivers what was bought: claims jobs, makes files, sends messages, and survives what production brings."""

from lab.services.delivery.drain import Delivery, deliver_once, run_deliveries
from lab.services.delivery.handle import Handled, handle_job
from lab.services.delivery.settings import DeliverySettings, derive_secret, find_missing, read_settings
from lab.services.delivery.site import DeliverySite
from lab.services.delivery.store import FolderStore, Store

__all__ = [
    "Delivery",
    "DeliverySettings",
    "DeliverySite",
    "FolderStore",
    "Handled",
    "Store",
    "deliver_once",
    "derive_secret",
    "find_missing",
    "handle_job",
    "read_settings",
    "run_deliveries",
]
