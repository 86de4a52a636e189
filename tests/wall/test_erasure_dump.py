"""A law over generated shops: after an erasure no byte of the person is in a dump, and no other's row has changed."""

import base64
import hashlib
import random
import subprocess
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from fixtures.servers import Database
from lab.database.embedded.programs import PACKAGED
from lab.database.embedded.server import EmbeddedPostgres, binaries
from lab.rules import RULES
from lab.rules.model import PrivacyClass, Table
from tests.wall.actors import SERVICE
from tests.wall.crowds import ask
from tests.wall.erasures import call, erase, request_erasure
from tests.wall.scenes import Scene
from tests.wall.seeds import World, begin_world, give, make_world
from tests.wall.test_erasure_of_two import accept, invite

# What changes with somebody's erasure in rows of others: the rules say so at these columns.
CHANGES = {"gift_recipients", "oracle_artifacts", "share_cards", "delivery_jobs", "purchases"}
# Tables that say what was done, which grow with an erasure.
GROWS = {
    "admin_audit_events", "ledger_seals", "privacy_requests", "privacy_request_steps", "erased_subjects",
    "erasure_keys", "storage_deletions",
}  # fmt: skip
ALPHABETS = ("abcdefgh", "äöüß", "什么时候", "'\"\\%_", "🜁🜂", "Ω\u200bx")


@pytest.fixture
def own(server: EmbeddedPostgres, database: Callable[..., Database]) -> Database:
    """A database of its own."""
    if server.major not in PACKAGED:
        pytest.skip("only packaged servers bring pg_dump")
    return database(server)


def make_words(chance: random.Random) -> str:
    """Return a text that nobody else has: any letters, and enough of them to be found."""
    letters = "".join(chance.choice(chance.choice(ALPHABETS)) for _ in range(chance.randint(3, 40)))
    return f"{letters} {uuid.UUID(int=chance.getrandbits(128))} {letters}"


def make_shop(database: Database, seed: int) -> tuple[World, list[World]]:
    """Put a few people into a database, who have everything, words of their own, and gifts for one another."""
    chance = random.Random(seed)
    with psycopg.connect(database.admin_url, prepare_threshold=None) as connection:
        scene = Scene(connection)
        worlds = [make_world(scene) for _ in range(chance.randint(2, 3))] + [begin_world(scene)]
        for world in worlds:
            _add_words(scene, world, chance)
        for giver in worlds[:-1]:
            for friend in chance.sample(worlds, k=chance.randint(1, len(worlds))):
                if friend is not giver:
                    _give_to(scene, giver, friend, chance)
        buyer, other = chance.sample(worlds, k=2)
        scene.count(SERVICE, "update public.purchases set recipient_subject_id = %s where id = %s",
                    other.subject, buyer.ids["purchase"])  # fmt: skip
        scene.rows(SERVICE, "select * from public.seal_ledgers()")
    gone = chance.choice(worlds)
    return gone, [world for world in worlds if world is not gone]


def _add_words(scene: Scene, world: World, chance: random.Random) -> None:
    email = f"{make_words(chance).split()[1]}@Example.test"
    scene.connection.execute("update auth.users set email = %s where id = %s", [email, world.subject])
    question, answer = (make_words(chance) for _ in range(2))
    scroll = "insert into public.oracle_scrolls (subject_id, question, answer) values (%s, %s, %s) returning id"
    id = scene.value(SERVICE, scroll, world.subject, question, answer)
    path = f"{uuid.UUID(int=chance.getrandbits(128)).hex}.pdf"
    scene.value(SERVICE, "insert into public.oracle_artifacts (subject_id, scroll_id, kind, storage_path) values"
                         " (%s, %s, 'pdf', %s) returning id", world.subject, id, path)  # fmt: skip
    line = "select public.record_audit_event('operator', 'user.seen', 'users', %s, 'done', '{}', %s)"
    scene.value(SERVICE, line, str(world.subject), world.subject.hex)
    world.words |= {"email": email, "question": question, "answer": answer, "path": path}


def _give_to(scene: Scene, giver: World, friend: World, chance: random.Random) -> None:
    """Invite a friend at their own address; they accept, or not."""
    if giver.ids.get("gift") and scene.truth(
        "select count(*) from public.consents where subject_id = %s", giver.subject
    ):
        give(scene, giver.subject, "gift_recipient", giver.ids["gift"])
        _, token = invite(scene, giver, chance.choice((str, str.upper))(friend.words["email"]))
        if chance.random() < 0.6:
            accept(scene, friend.subject, token)


def dump(database: Database) -> str:
    """Return a plain dump of a database: text as it is, bytes in hexadecimal."""
    program = binaries(database.server.major) / "pg_dump"
    told = subprocess.run([program, "--inserts", "-d", database.admin_url], capture_output=True, check=True, timeout=60)
    return told.stdout.decode()


def forms(value: str) -> Iterator[str]:
    """Yield a value as a dump might hold it: as it is, in other cases, as bytes, encoded or as a plain digest."""
    for text in {value, value.lower(), value.upper()}:
        raw = text.encode()
        yield from (text.replace("'", "''"), raw.hex(), base64.b64encode(raw).decode().rstrip("="))
        for name in ("sha256", "md5", "sha1"):
            digest = hashlib.new(name, raw, usedforsecurity=False)
            yield from (digest.hexdigest(), base64.b64encode(digest.digest()).decode().rstrip("="))


def traces(text: str, world: World) -> set[str]:
    """Return which values of somebody are in a dump."""
    values = {**world.words, "subject": str(world.subject), "subject in short": world.subject.hex}
    lower = text.lower()
    found = {name for name, value in values.items() if any(form in text for form in forms(value) if len(form) > 6)}
    return found | {name for name in ("email", "subject") if values[name].lower() in lower}


def private_values(database: Database, subject: uuid.UUID) -> set[str]:
    """Return every secret and personal value of somebody's own rows, as the database prints it."""
    found: set[str] = set()
    with psycopg.connect(database.admin_url) as connection:
        for table in RULES.tables:
            owners = [c.name for c in table.columns if c.names_subject]
            private = [c for c in table.columns if c.privacy in (PrivacyClass.SECRET, PrivacyClass.PERSONAL)]
            for column in private if owners else ():
                where = " or ".join(f"{name} = %s" for name in owners)
                rows = connection.execute(
                    f"select {column.name}::text from {table.qualified} where {where}".encode(), [subject] * len(owners)
                )
                found |= {str(value) for (value,) in rows if value is not None}
    return {value for value in found if len(value) > 12}


def digests(database: Database) -> dict[str, dict[str, str]]:
    """Return a digest of every row, by table and key."""
    with psycopg.connect(database.admin_url) as connection:
        return {table.id: dict(connection.execute(_digest(table).encode()).fetchall()) for table in RULES.tables}


def _digest(table: Table) -> str:
    key = " || ' ' || ".join(f"t.{name}::text" for name in table.primary_key)
    return f"select {key}, md5(t::text) from {table.qualified} t"


def owned(database: Database, subject: uuid.UUID) -> dict[str, set[str]]:
    """Return the keys of the rows that name somebody, or hang on a row that does."""
    found: dict[str, set[str]] = {}
    with psycopg.connect(database.admin_url) as connection:
        for table in RULES.tables:
            keys = " || ' ' || ".join(f"t.{name}::text" for name in table.primary_key)
            conditions = [f"t.{c.name} = %(who)s" for c in table.columns if c.names_subject]
            conditions += [
                f"t.{c.name} in (select p.id from {c.references.table.qualified} p where p.{o.name} = %(who)s)"
                for c in table.columns
                if c.references and isinstance(c.references.table, Table)
                for o in c.references.table.columns
                if o.names_subject
            ]
            if conditions:
                statement = f"select {keys} from {table.qualified} t where {' or '.join(conditions)}"
                found[table.id] = {key for (key,) in connection.execute(statement.encode(), {"who": subject})}
    return found


@pytest.mark.parametrize("seed", range(8))
def test_nothing_of_them_is_in_a_dump_and_nobody_else_has_changed(own: Database, seed: int) -> None:
    gone, others = make_shop(own, seed)
    text = dump(own)
    assert {"question", "answer", "email", "subject", "path"} <= traces(text, gone)
    values, mine, before = private_values(own, gone.subject), owned(own, gone.subject), digests(own)
    assert values
    erase(own, gone.subject)
    after = digests(own)
    ask(own, "delete from auth.users where id = %s returning 1", gone.subject)
    text = dump(own)
    # Words that others wrote about themselves stay: the names of gifts that were theirs, and their own addresses.
    theirs = {word for world in others for word in (*world.words.values(),)}
    assert traces(text, gone) <= {name for name, word in gone.words.items() if word in theirs}
    for value in values - theirs - _about_others(own):
        assert value.replace("'", "''") not in text
    for table, rows in before.items():
        changed = {key for key, digest in rows.items() if after[table].get(key) != digest}
        assert changed <= mine.get(table, set()) or table in GROWS | CHANGES, table
    _keep_theirs(own, others, before, after, mine)
    for ledger in ("consent_events", "admin_audit_events"):
        ask(own, "select * from public.seal_ledgers()")
        assert ask(own, "select intact, unsealed from public.verify_ledger(%s)", ledger) == [(True, 0)]


def _about_others(database: Database) -> set[str]:
    """Return what is still known of recipients who stay: it is theirs, whoever gave."""
    names = "select contact, recipient_name from public.gift_recipients where accepted_subject_id is not null"
    rows = ask(database, names)
    return {str(value) for row in rows for value in row if value}


def _keep_theirs(
    database: Database,
    others: list[World],
    before: dict[str, Any],
    after: dict[str, Any],
    mine: dict[str, set[str]],
) -> None:
    """Compare rows that only others have, in the tables that rows of two people are in."""
    for table in CHANGES:
        for key, digest in before[table].items():
            if key in mine[table] or after[table].get(key) == digest:
                continue
            # Only an invitation at the erased person's own address changes without naming them.
            assert table == "gift_recipients"
            row = ask(database, "select contact, recipient_name from public.gift_recipients where id = %s", key)
            assert row == [(None, None)]
    for world in others:
        read = "select count(*) from public.oracle_scrolls where subject_id = %s"
        assert ask(database, read, world.subject)[0][0] >= 1


def test_the_trail_of_a_dump_without_its_key_links_nobody(own: Database) -> None:
    """A tombstone is no plain digest of an id: whoever has a copy without the key learns nothing from it."""
    gone, _ = make_shop(own, 99)
    erase(own, gone.subject)
    ((tombstone, key),) = ask(
        own,
        "select e.tombstone, k.key from public.erased_subjects e, public.erasure_keys k"
        " where e.tombstone = sha256(k.key || uuid_send(%s))",
        gone.subject,
    )
    assert len(key) == 32
    plain = {hashlib.new(name, form).digest() for name in ("sha256", "sha224", "md5")
             for form in (gone.subject.bytes, str(gone.subject).encode(), gone.subject.hex.encode())}  # fmt: skip
    assert tombstone not in plain


def test_an_erasure_that_waits_keeps_everything(own: Database) -> None:
    """Between its phases nothing is half gone: all rows are there, for whoever has to look at them."""
    gone, _ = make_shop(own, 7)
    mine = owned(own, gone.subject)
    before = digests(own)
    assert call(own, request_erasure(own, gone.subject)) == "waiting"
    after = digests(own)
    assert all(after[table][key] == before[table][key] for table in mine for key in mine[table] if table not in GROWS)
