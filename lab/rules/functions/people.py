"""The doors for people: consents, gifts, share-cards, privacy and the seals of a Passport."""

from lab.rules.model import Function
from lab.rules.roles import anon, authenticated, service_role
from lab.rules.words import argument

open_share_card = Function(
    id="open_share_card",
    db_schema="public",
    arguments=(argument("slug", "text", "The unguessable end of the link."),),
    returns="table(title text, symbol text, palette text, one_line text)",
    language="plpgsql",
    volatility="stable",
    definer=True,
    execute=(anon, authenticated, service_role),
    why="Shows the public fields of one card to whoever holds its link, while the consent stands.",
    exposed_because=(
        "Whoever holds the link has no account, and a policy for anon would let anybody list all cards. "
        "The function takes the slug, answers with public fields only, and checks the consent itself."
    ),
)

append_consent = Function(
    id="append_consent",
    db_schema="wall",
    arguments=(
        argument("subject_id", "uuid", "The person."),
        argument("purpose", "text", "What the consent is for."),
        argument("action", "text", "given or withdrawn."),
        argument("request_id", "uuid", "Made by the caller; the same request counts once."),
        argument("notice_id", "uuid", "The wording that was shown, or null."),
        argument("scope_id", "uuid", "The artifact, or null for the account."),
        argument("evidence", "jsonb", "Where and how it was decided, or null."),
    ),
    returns="bigint",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(authenticated, service_role),
    why="Adds one entry to the ledger with the caller's own rights; the same request again gives the same entry.",
    derived=True,
)
give_consent = Function(
    id="give_consent",
    db_schema="public",
    arguments=(
        argument("purpose", "text", "What the consent is for."),
        argument("notice_id", "uuid", "The wording that was shown."),
        argument("request_id", "uuid", "Made by the caller; the same request counts once."),
        argument("scope_id", "uuid", "The artifact, for consents that cover one.", "null"),
        argument("evidence", "jsonb", "Where and how it was given.", "null"),
    ),
    returns="bigint",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(authenticated,),
    why="A signed-in person gives a consent; the ledger entry is theirs and nobody else's.",
)

withdraw_consent = Function(
    id="withdraw_consent",
    db_schema="public",
    arguments=(
        argument("purpose", "text", "What the consent was for."),
        argument("request_id", "uuid", "Made by the caller; the same request counts once."),
        argument("scope_id", "uuid", "The artifact, for consents that cover one.", "null"),
    ),
    returns="bigint",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(authenticated,),
    why="A withdrawal is one call, as easy as giving.",
)

record_consent = Function(
    id="record_consent",
    db_schema="public",
    arguments=(
        argument("subject_id", "uuid", "The person."),
        argument("purpose", "text", "What the consent is for."),
        argument("action", "text", "given or withdrawn."),
        argument("request_id", "uuid", "Made by the caller; the same request counts once."),
        argument("notice_id", "uuid", "The wording that was shown; needed to give.", "null"),
        argument("scope_id", "uuid", "The artifact, for consents that cover one.", "null"),
        argument("evidence", "jsonb", "Where and how it was given.", "null"),
    ),
    returns="bigint",
    language="plpgsql",
    volatility="volatile",
    definer=False,
    execute=(service_role,),
    why="The site's server records what a visitor answered, with the wording they saw.",
    derived=True,
)

accept_gift = Function(
    id="accept_gift",
    db_schema="public",
    arguments=(argument("token", "text", "The one-time token of the invitation."),),
    returns="uuid",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(authenticated,),
    why="A gift opens only when its recipient accepts it, signed in as themselves.",
    exposed_because=(
        "The recipient owns nothing yet, so no policy can let them reach the invitation. The function takes the "
        "token from their link, compares hashes, and answers with the artifact's id alone."
    ),
)

gifts_of = Function(
    id="gifts_of",
    db_schema="wall",
    arguments=(argument("person", "uuid", "The person who is signed in."),),
    returns="uuid[]",
    language="plpgsql",
    volatility="stable",
    definer=False,
    execute=(authenticated,),
    why="The gifts that a person has accepted, for the policy that lets them open them.",
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
    why="A person asks for their data, or for its end, in one call; the month starts to run.",
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
    why="Anybody who may read a Passport record can verify its seal, and that of the scroll behind it.",
    stable_text=True,
)

PEOPLE = (
    open_share_card,
    append_consent,
    give_consent,
    withdraw_consent,
    record_consent,
    accept_gift,
    gifts_of,
    request_privacy,
    verify_passport_record,
)
