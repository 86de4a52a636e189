"""Connections to Postgres; the only folder that opens them."""
