"""Delivers what was bought: claims jobs, makes files, sends messages, and survives what production brings."""

from lab.services.delivery.drain import Delivery, run_deliveries
from lab.services.delivery.handle import Handled, handle_job
from lab.services.delivery.site import DeliverySite
from lab.services.delivery.store import FolderStore, Store

__all__ = ["Delivery", "DeliverySite", "FolderStore", "Handled", "Store", "handle_job", "run_deliveries"]
