"""What a changed rule asks of a database that has the earlier rules."""
