"""Real orders: their shape, their path with made-up people, and how many failures it survives."""
