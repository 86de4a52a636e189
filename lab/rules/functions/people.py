"""The functions for people: consents, gifts, share-cards, privacy requests and Passport seals."""

from lab.rules.function_constructors import argument
from lab.rules.model import Function
from lab.rules.roles import anon, authenticated, service_role

open_share_card = Function(
    id="open_share_card",
    db_schema="public",
    arguments=(argument("slug", "text", "The last part of the card's link."),),
    returns="table(title text, symbol text, palette text, one_line text)",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(anon, authenticated, service_role),
    why="Returns the public fields of the card with this slug, while it is open and its consent is valid.",
    exposed_because=(
        "Visitors with a link have no account, and a policy for anon would let anybody list all cards. The function takes the slug, returns public fields only, and checks the consent itself."
    ),
)

append_consent = Function(
    id="append_consent",
    db_schema="wall",
    arguments=(
        argument("subject_id", "uuid", "The person."),
        argument("purpose", "text", "Purpose of the consent."),
        argument("action", "text", "given or withdrawn."),
        argument("request_id", "uuid", "Id made by the caller; a repeated request is recorded once."),
        argument("notice_id", "uuid", "The wording that was shown, or null."),
        argument("scope_id", "uuid", "The artifact, or null for the account."),
        argument("evidence", "jsonb", "Where and how the person decided, or null."),
    ),
    returns="bigint",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(authenticated, service_role),
    why="Adds an entry to the consent ledger with the caller's rights. A repeated request returns the same entry.",
    derived=True,
)
give_consent = Function(
    id="give_consent",
    db_schema="public",
    arguments=(
        argument("purpose", "text", "Purpose of the consent."),
        argument("notice_id", "uuid", "The wording that was shown."),
        argument("request_id", "uuid", "Id made by the caller; a repeated request is recorded once."),
        argument("scope_id", "uuid", "The artifact, for a consent that covers one.", "null"),
        argument("evidence", "jsonb", "Where and how the person decided.", "null"),
    ),
    returns="bigint",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(authenticated,),
    why="Records that the signed-in person gives a consent.",
)

withdraw_consent = Function(
    id="withdraw_consent",
    db_schema="public",
    arguments=(
        argument("purpose", "text", "Purpose of the consent."),
        argument("request_id", "uuid", "Id made by the caller; a repeated request is recorded once."),
        argument("scope_id", "uuid", "The artifact, for a consent that covers one.", "null"),
    ),
    returns="bigint",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(authenticated,),
    why="Records that the signed-in person withdraws a consent.",
)

record_consent = Function(
    id="record_consent",
    db_schema="public",
    arguments=(
        argument("subject_id", "uuid", "The person."),
        argument("purpose", "text", "Purpose of the consent."),
        argument("action", "text", "given or withdrawn."),
        argument("request_id", "uuid", "Id made by the caller; a repeated request is recorded once."),
        argument("notice_id", "uuid", "The wording that was shown; required to give a consent.", "null"),
        argument("scope_id", "uuid", "The artifact, for a consent that covers one.", "null"),
        argument("evidence", "jsonb", "Where and how the person decided.", "null"),
    ),
    returns="bigint",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(service_role,),
    why="Records a visitor's decision for the site's server, with the wording that was shown.",
    derived=True,
)

accept_gift = Function(
    id="accept_gift",
    db_schema="public",
    arguments=(argument("token", "text", "One-time token of the invitation."),),
    returns="uuid",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(authenticated,),
    why="Accepts a gift for the signed-in recipient and returns the artifact's id.",
    exposed_because=(
        "The recipient owns no row yet, so no policy can let them read the invitation. The function takes the token of their link, compares hashes, and returns only the artifact's id."
    ),
)

accepted_gifts = Function(
    id="accepted_gifts",
    db_schema="wall",
    arguments=(argument("person", "uuid", "The person who is signed in."),),
    returns="uuid[]",
    language="plpgsql",
    volatility="stable",
    definer=False,
    execute=(authenticated,),
    why="Returns the ids of the gifts that a person has accepted; the policy on artifacts uses it.",
    stage="foundation",
)

request_privacy = Function(
    id="request_privacy",
    db_schema="public",
    arguments=(argument("kind", "text", "export, deletion or anonymization."),),
    returns="uuid",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(authenticated,),
    why="Makes a privacy request for the signed-in person. The legal deadline of one month starts.",
)

verify_passport_record = Function(
    id="verify_passport_record",
    db_schema="public",
    arguments=(argument("record_id", "uuid", "The Passport record."),),
    returns="boolean",
    language="plpgsql",
    volatility="stable",
    definer=False,
    execute=(authenticated, service_role),
    why="Tells whether the seals of a Passport record and its reading are valid, for everybody who may read the record.",
    stable_text=True,
)

PEOPLE = (
    open_share_card,
    append_consent,
    give_consent,
    withdraw_consent,
    record_consent,
    accept_gift,
    accepted_gifts,
    request_privacy,
    verify_passport_record,
)
