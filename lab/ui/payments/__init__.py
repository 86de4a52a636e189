"""The payments page: what waits, the lists, and the acts."""
