"""How a database server is run."""
