"""Delivers what was bought: claims jobs, makes files, sends messages, and survives what production brings."""
