"""The environment variables of the site."""
