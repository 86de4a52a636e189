"""Billing: what the site's server does with Stripe's events."""
