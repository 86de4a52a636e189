"""Keeps the files of artifacts under names that follow from their content."""

from lab.services.files.folder import FolderStore
from lab.services.files.opening import StoreUnknown, open_store
from lab.services.files.store import FileChanged, FileGone, Store, StoreFault

__all__ = ["FileChanged", "FileGone", "FolderStore", "Store", "StoreFault", "StoreUnknown", "open_store"]
