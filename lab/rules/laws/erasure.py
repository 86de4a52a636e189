"""Laws of erasure: nothing of an erased person stays in a row or file."""

from collections.abc import Iterator

from lab.rules.derived import derived_triggers
from lab.rules.laws.law import columns_of
from lab.rules.model import EraseAction, PrivacyClass, Table, Trigger
from lab.rules.registry import Rules


def subjects_can_be_erased(rules: Rules) -> Iterator[str]:
    """An erasure covers every secret and personal column and every reference to a person."""
    for table, column in columns_of(rules):
        where = f"{table.qualified}.{column.name}"
        private = column.privacy in (PrivacyClass.SECRET, PrivacyClass.PERSONAL)
        hashed = column.name.endswith("_sha256")
        if column.erase is EraseAction.KEEP and (column.names_subject or (private and not hashed)):
            yield f"{where}: keeps personal data after an erasure; choose delete_row or set_null"
        if column.erase is EraseAction.SET_NULL and not column.nullable:
            yield f"{where}: set_null needs a nullable column"
        if column.erase is EraseAction.SET_NULL and column.fixed:
            yield f"{where}: cannot be both fixed and set to null by an erasure"


def erased_rows_have_a_subject(rules: Rules) -> Iterator[str]:
    """A row that an erasure deletes names its person, or refers to a row that does."""
    for table in rules.tables:
        goes = [column for column in table.columns if column.erase is EraseAction.DELETE_ROW]
        found = any(c.names_subject and c.erase is EraseAction.DELETE_ROW for c in table.columns)
        hangs = any(
            isinstance(c.references.table, Table) and c.erase is EraseAction.DELETE_ROW
            for c in table.columns
            if c.references
        )
        if goes and not (found or hangs):
            yield f"{table.qualified}: an erasure deletes its rows, but no column leads to a person"


def shared_rows_cover_both_people(rules: Rules) -> Iterator[str]:
    """In a row of two people each column that names one declares what stays for the other."""
    for table in rules.tables:
        naming = [c for c in table.columns if c.names_subject and c.erase is EraseAction.DELETE_ROW]
        if len(naming) > 1:
            yield from (
                f"{table.qualified}.{c.name}: does not declare what stays for the other person; add shared"
                for c in naming
                if not c.shared
            )
        changes = [(c.name, change) for c in table.columns for change in (c.shared.sets if c.shared else ())]
        changes += [(c.name, change) for c in table.columns for change in c.by_address]
        for name, (changed, value) in changes:
            if value == "null" and not table.column(changed).nullable:
                yield f"{table.qualified}.{name}: sets {changed} to null, which is not nullable"
        if naming and any(c.shared for c in naming):
            said = {changed for _, (changed, _) in changes}
            private = [c for c in table.columns if c.privacy in (PrivacyClass.SECRET, PrivacyClass.PERSONAL)]
            for column in private:
                if column.name not in said:
                    yield f"{table.qualified}.{column.name}: stays when either person is erased; set it in shared"


def legal_holds_cover_every_row(rules: Rules) -> Iterator[str]:
    """A legal hold can name any row that an erasure would delete or change, except the records of the erasure itself."""
    held = set(rules.table("legal_holds").column("table_name").allowed)
    machinery = {"audit_codes", "erased_subjects"}
    touched = {t.id for t, c in columns_of(rules) if c.names_subject or c.erase is EraseAction.DELETE_ROW} - machinery
    yield from (f"legal_holds.table_name: lacks {id}, whose rows an erasure deletes" for id in sorted(touched - held))
    yield from (f"legal_holds.table_name: {id} holds no rows of people; remove it" for id in sorted(held - touched))


def erased_subjects_stay_null(rules: Rules) -> Iterator[str]:
    """A column that names a person may be set later only if it is declared so and an erasure sets it to null."""
    for table, column in columns_of(rules):
        blanked = column.names_subject and column.erase is EraseAction.SET_NULL
        if column.filled_later and not blanked:
            yield f"{table.qualified}.{column.name}: has filled_later, but an erasure does not set it to null"
        fixed = {name for t in derived_triggers(table) if t.function.id == "refuse_rewrite" for name in _named(t)}
        if blanked and column.name not in fixed:
            yield f"{table.qualified}.{column.name}: can be changed to another person; let derived_triggers fix it"


def _named(trigger: Trigger) -> list[str]:
    return trigger.arguments[0].split(", ")


def storage_paths_are_unique(rules: Rules) -> Iterator[str]:
    """Each path in storage is in one row, so that deleting its file affects no other row."""
    for table, column in columns_of(rules):
        once = any(index.unique and index.columns == (column.name,) for index in table.indexes)
        if column.stored_file and not (once and table.column(table.primary_key[0]).type == "uuid"):
            yield f"{table.qualified}.{column.name}: give it a unique index, and its table a random key"
