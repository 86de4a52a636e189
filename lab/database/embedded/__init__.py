"""The packaged Postgres server."""
