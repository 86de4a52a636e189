"""Readings: the sealed scrolls."""

from lab.rules.constructors import (
    INSERT,
    ROW,
    SELECT,
    UPDATE,
    before,
    check,
    created,
    index,
    key,
    operational,
    owner_reads,
    owner_select,
    secret,
    server,
    stamp,
    subject,
    words_index,
)
from lab.rules.forms import LOCALE
from lab.rules.functions.triggers import seal_row
from lab.rules.model import Table

oracle_scrolls = Table(
    id="oracle_scrolls",
    title="Scrolls",
    description="The sealed reading: the question, the answer, and a seal over both.",
    loss="A reading that somebody paid for could be lost or changed.",
    columns=(
        key(erase=ROW),
        subject("The person whose reading it is.", erase=ROW, fixed=True),
        operational(
            "locale", "text", "Language of the reading as a BCP 47 code.", erase=ROW, default="'en'", form=LOCALE
        ),
        secret("question", "text", "The visitor's question in their own words, 1 to 4,000 characters.", erase=ROW),
        secret("answer", "text", "The full reading. Null until it is written.", erase=ROW, nullable=True),
        stamp("sealed_at", "When the reading was sealed; it never changes afterwards. Null until then.", erase=ROW),
        operational(
            "seal_hash",
            "bytea",
            "SHA-256 of the sealed row, computed by the database. Null until the row is sealed.",
            erase=ROW,
            nullable=True,
        ),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(
        check(
            "question_length",
            "char_length(question) between 1 and 4000",
            "A question has 1 to 4,000 characters.",
        ),
        check(
            "sealed_with_answer",
            "sealed_at is null or answer is not null",
            "A reading is sealed only when it has an answer.",
        ),
        check("seal_present", "(sealed_at is null) = (seal_hash is null)", "A sealed row has both a date and a hash."),
    ),
    indexes=(
        index(
            "oracle_scrolls_subject",
            "subject_id",
            "created_at",
            serves="Finds a person's readings, newest last.",
        ),
        index(
            "oracle_scrolls_sealed",
            "sealed_at",
            serves="Finds the rows that were sealed last, to verify their seals.",
            where="sealed_at is not null",
        ),
        words_index("oracle_scrolls", "question"),
        words_index("oracle_scrolls", "answer"),
    ),
    policies=(owner_reads("oracle_scrolls"),),
    grants=(
        owner_select(),
        server(
            SELECT,
            INSERT,
            UPDATE,
            why="The site's server writes readings and seals them.",
        ),
    ),
    triggers=(
        before(
            "oracle_scrolls_seal",
            "insert or update",
            seal_row,
            "Computes the seal when the reading is sealed, and refuses every later change.",
        ),
    ),
    source="product",
)
