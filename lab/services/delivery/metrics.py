"""Writes what was read of deliveries as metrics for Prometheus. No label holds an id."""

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from lab.rules.deliveries import send_uncertain
from lab.services.delivery.overview import MOST, Deliveries
from lab.services.delivery.summary import list_channels


def write_metrics(found: Deliveries) -> str:
    """Return the text that Prometheus reads; what could not be read is left out.

    Source: https://prometheus.io/docs/instrumenting/exposition_formats/ (the text format).
    """
    registry = CollectorRegistry()
    if "queue" not in found.unread:
        _add_queue(registry, found)
    if "attempts" not in found.unread:
        attempts = _gauge(registry, "recent_attempts", f"The newest {MOST} attempts by result.", "outcome")
        for outcome, count in found.count_outcomes().items():
            attempts.labels(outcome).set(count)
    if "waiting" not in found.unread:
        uncertain = _gauge(
            registry, "uncertain_sends", "Messages without an answer from their provider, which may have been sent."
        )
        uncertain.set(found.totals.get(send_uncertain.id, 0))
    if "environment" not in found.unread:
        opened = _gauge(registry, "environment_open", "1 when deliveries may be sent from this database.")
        opened.set(int(found.is_open))
    return generate_latest(registry).decode()


def _add_queue(registry: CollectorRegistry, found: Deliveries) -> None:
    jobs = _gauge(registry, "jobs", "Jobs that are not finished.", "channel", "state")
    age = _gauge(registry, "oldest_due_seconds", "Age of the oldest job that is due, 0 without one.", "channel")
    for channel, counts, _, oldest in list_channels(found):
        age.labels(channel).set((found.read_at - oldest).total_seconds() if oldest else 0)
        for state, count in counts.items():
            jobs.labels(channel, state).set(count)


def _gauge(registry: CollectorRegistry, name: str, meaning: str, *labels: str) -> Gauge:
    return Gauge(f"oracle_delivery_{name}", meaning, labels, registry=registry)
