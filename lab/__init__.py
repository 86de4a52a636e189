"""The persistence lab: rules, plans, SQL and checks for an oracle-reading shop's database."""
