"""Describes the pictures in plain sentences, for screen readers and narrow screens."""

from collections.abc import Iterable

from lab.pictures.flow import Delivery, Flow, TableGroup, private_word
from lab.pictures.schema import Topic, target_of
from lab.rules.model import PrivacyClass, Table


def describe_flow(flow: Flow) -> str:
    """Describe a flow in sentences."""
    return " ".join(
        (
            f"{flow.layer.title}: {flow.layer.description}",
            *(
                f"Before anything is kept, the consent {gate.consent.title} is {gate.state}."
                for gate in flow.layer_gates
            ),
            *(_group(group) for group in flow.groups),
            *(_delivery(delivery) for delivery in flow.deliveries),
            *(f"{channel.title} is not offered with {flow.layer.title}." for channel in flow.refused),
            *(() if flow.deliveries or flow.refused else ("Nothing leaves the database.",)),
            f"Verdict: {flow.plan.verdict.value}.",
        )
    )


def _group(group: TableGroup) -> str:
    if group.privacy is PrivacyClass.OPERATIONAL:
        return f"Operational fields only: {_listed(table.id for table in group.tables)}."
    held = _listed(f"{table.id} ({', '.join(group.fields(table))})" for table in group.tables)
    where = "behind the tables of this plan" if group.behind else "kept in the database"
    return f"{private_word(group.privacy).capitalize()} fields, {where}: {held}."


def _delivery(delivery: Delivery) -> str:
    job = f" as the tracked job {delivery.channel.job.title}" if delivery.channel.job else ""
    gates = [f"consent {gate.consent.title}: {gate.state}" for gate in (*delivery.gates, *delivery.email_gates)]
    asks = f" ({'; '.join(gates)})" if gates else ""
    receivers = _listed(receiver.words for receiver in delivery.receivers)
    state = f"{delivery.channel.title}{job} — {delivery.state}{asks}."
    return f"{state} What leaves: {delivery.channel.leaves} Who receives it: {receivers}."


def describe_schema(topics: Iterable[Topic]) -> str:
    """Describe the schema in sentences, one for each table."""
    return " ".join(
        f"{topic.title}: " + " ".join(_table(table) for table in topic.tables) for topic in topics if topic.tables
    )


def _table(table: Table) -> str:
    private = [c for c in table.columns if c.privacy is not PrivacyClass.OPERATIONAL]
    fields = "; ".join(f"{c.name} is {c.privacy.value}" for c in private) or "operational fields only"
    targets = _listed(dict.fromkeys(target for c in table.columns if (target := target_of(c))))
    points = f", points at {targets}" if targets else ""
    return f"{table.id} has {len(table.columns)} columns{points}: {fields}."


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
