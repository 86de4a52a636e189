"""What must hold for the environment of the site's server."""

from lab.rules.model import Severity
from lab.rules.words import criterion

CRITICAL, HIGH, MEDIUM, LOW, INFO = Severity

# fmt: off
missing = criterion(
    "env_missing", HIGH, 11, "The variable is set.",
    "Without it the server cannot deliver the chosen layers, and this shows only after a payment.",
    "Set it in the server's environment, and deploy again.",
)
padded = criterion(
    "env_padded", HIGH, 11, "The value has no spaces, line breaks or quotes around it.",
    "Copied characters become part of a key, so signatures fail without a clear reason.",
    "Set the value again without the characters around it.",
)
example_left = criterion(
    "env_example", HIGH, 11, "The value is a real one, not an example.",
    "An example value has the right form but does not work, and the first customer notices it.",
    "Replace it with the real value.",
)
malformed = criterion(
    "env_form", HIGH, 11, "The value has the right form.",
    "A value of another form is something else: a key of another service, or half of the right one.",
    "Copy the value again from where it is issued.",
)
not_https = criterion(
    "env_https", CRITICAL, 11, "The address begins with https.",
    "Data sent over http can be read and changed on the way: keys, sessions and questions.",
    "Write the address with https.",
)
wrong_role = criterion(
    "env_server_key_role", HIGH, 11,
    "The server's key is a server key: sb_secret_, or a legacy key of the role service_role.",
    "With a browser's key the server is limited by the policies for visitors, and cannot write.",
    "Copy the secret key from the project's API settings.",
)
legacy_key = criterion(
    "env_server_key_legacy", LOW, 11, "The server's key is one of the new kind, which can be revoked alone.",
    "Legacy keys end in 2026, and cannot be exchanged one by one when a server leaks its own.",
    "Create a secret key in the project's API settings, set it, and switch the legacy keys off.",
)
published_key = criterion(
    "env_server_key_published", CRITICAL, 11,
    "The server key of a public database is not the one that Supabase published for local projects.",
    "Its secret is in the documentation, so everybody can act as the shop's server.",
    "Give the project its own secret, and set the key that is signed with it.",
)
expired_key = criterion(
    "env_server_key_expired", HIGH, 11, "The server's key has not expired.",
    "An expired key is refused by every request.",
    "Create a secret key in the project's API settings.",
)
other_project = criterion(
    "env_project", CRITICAL, 11, "Keys, address and database belong to one project.",
    "A staging key with the production address, or the reverse, writes real data to the wrong project.",
    "Copy address and key from the same project.",
)
project_untold = criterion(
    "env_project_untold", INFO, 11, "The server's key is known to belong to the project of the address.",
    "A key of the new kind, or a custom domain, does not name its project. Only a request shows it.",
    'Run this once after a change of either: curl -H "apikey: $SUPABASE_SERVICE_ROLE_KEY" '
    '"$NEXT_PUBLIC_SUPABASE_URL/rest/v1/"; the answer 401 means that they do not belong together.',
)
address_local = criterion(
    "env_address_local", HIGH, 11, "A public site uses a database with a public address.",
    "With a local address every visitor's browser looks for the database on the visitor's machine.",
    "Set the address of the project that serves the site.",
)
modes_mixed = criterion(
    "env_stripe_modes", CRITICAL, 8, "All Stripe keys are for test money, or all are for real money.",
    "A key of one mode cannot see checkouts of the other: somebody pays, and nothing is unlocked.",
    "Take all keys from the same mode of the same account.",
)
live_at_home = criterion(
    "env_live_key_local", HIGH, 8, "A live key is used only by a site that the public can reach over https.",
    "A developer's machine with a live key charges real cards by accident.",
    "Use a test key here, or set the public address of the site.",
)
test_in_public = criterion(
    "env_test_key_public", MEDIUM, 8, "A public site takes real money.",
    "With a test key everybody can buy everything with a card number from Stripe's documentation.",
    "This is right for staging. Set a live key before the launch.",
)
secret_exposed = criterion(
    "env_secret_public", CRITICAL, 11, "No secret is in a variable that is copied into the browser's code.",
    "Everybody who opens the site can read it, and act as the shop's server.",
    "Rename the variable, revoke the secret where it was issued, and set a new one: it has been public.",
)

CRITERIA = (
    missing, padded, example_left, malformed, not_https, wrong_role, legacy_key, published_key, expired_key,
    other_project, project_untold, address_local, modes_mixed, live_at_home, test_in_public, secret_exposed,
)
# fmt: on
