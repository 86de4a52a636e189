"""Text that is safe to show, and the files that travel with the product."""
