"""The deliveries page: whether everything is delivered, what waits, the newest attempts, and the acts."""
