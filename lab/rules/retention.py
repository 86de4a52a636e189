"""Retention: after how many days ended rows go, and why not sooner."""

from lab.rules.model import Retention

ended_deliveries = Retention(
    id="ended_deliveries",
    table="delivery_jobs",
    days=731,
    keeps="Jobs whose message left or may have left, dead letters, and whatever concerns a person with a dispute, a hold or a privacy request.",
    why="For two years a buyer can object that a delivery is missing or wrong, and the shop has to prove it. Then its attempts are of no use.",
    source="GDPR article 5(1)(e); Directive (EU) 2019/770 articles 11(2) and 12(1)",
)

RETENTION = (ended_deliveries,)
