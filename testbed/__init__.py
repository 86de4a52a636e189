"""What tests and benchmarks share: real servers of every major, databases on them, and ways to weaken one."""
