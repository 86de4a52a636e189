"""What a page or a command hands out as a file: each report's forms, declared once for both."""
