"""Programs that run beside the database, each above the rules and the connection alone."""
