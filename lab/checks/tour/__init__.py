"""The tour: one question from payment to deletion, played on a database in one transaction that is rolled back."""
