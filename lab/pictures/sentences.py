"""The pictures told as plain sentences: the alternative text, and what a narrow screen can read instead."""

from collections.abc import Iterable

from lab.pictures.flow import Flow, Shelf, Way, private_word
from lab.pictures.schema import Topic, target_of
from lab.rules.model import PrivacyClass, Table


def tell_flow(flow: Flow) -> str:
    """Tell a flow as sentences."""
    return " ".join(
        (
            f"{flow.layer.title}: {flow.layer.description}",
            *(
                f"Before anything is kept, the consent {gate.consent.title} is {gate.state}."
                for gate in flow.layer_gates
            ),
            *(_shelf(shelf) for shelf in flow.shelves),
            *(_way(way) for way in flow.ways),
            *(f"{channel.title} is not offered with {flow.layer.title}." for channel in flow.refused),
            *(() if flow.ways or flow.refused else ("Nothing leaves the database.",)),
            f"Verdict: {flow.plan.verdict.value}.",
        )
    )


def _shelf(shelf: Shelf) -> str:
    if shelf.privacy is PrivacyClass.OPERATIONAL:
        return f"Operational fields only: {_listed(table.id for table in shelf.tables)}."
    held = _listed(f"{table.id} ({', '.join(shelf.fields(table))})" for table in shelf.tables)
    where = "behind the tables of this plan" if shelf.behind else "kept in the database"
    return f"{private_word(shelf.privacy).capitalize()} fields, {where}: {held}."


def _way(way: Way) -> str:
    job = f" as the tracked job {way.channel.job.title}" if way.channel.job else ""
    gates = [f"consent {gate.consent.title}: {gate.state}" for gate in (*way.gates, *way.email_gates)]
    asks = f" ({'; '.join(gates)})" if gates else ""
    receivers = _listed(receiver.words for receiver in way.receivers)
    return (
        f"{way.channel.title}{job} — {way.state}{asks}. What leaves: {way.channel.leaves} Who receives it: {receivers}."
    )


def tell_schema(topics: Iterable[Topic]) -> str:
    """Tell the schema as sentences, one for each table."""
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
