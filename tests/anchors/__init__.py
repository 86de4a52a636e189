"""Anchors of the ledgers: the files, honest histories, and forgeries by somebody who has the whole server."""
