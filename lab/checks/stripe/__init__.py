"""The live Stripe account, compared with the database."""
