"""Plays purchases with faults, on the real schema with the product's own code, and judges what is left."""
