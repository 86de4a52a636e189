"""The criteria: what must hold on a target beside its schema and its rows, by the family that checks it."""

from lab.rules.criteria import anchor, environment, operations, stripe

CRITERIA = (*environment.CRITERIA, *anchor.CRITERIA, *operations.CRITERIA, *stripe.CRITERIA)
