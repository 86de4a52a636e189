"""The committed migrations: their files, how they are applied, and the demo data."""
