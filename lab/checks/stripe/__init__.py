"""Compares the live Stripe account with the database."""
