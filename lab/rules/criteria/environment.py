"""What must hold for the environment of the site's server."""

from lab.rules.model import Severity
from lab.rules.words import criterion

CRITICAL, HIGH, MEDIUM, LOW, INFO = Severity

# fmt: off
missing = criterion(
    "env_missing", HIGH, 11, "The variable is set.",
    "Without it the server cannot do what the chosen layers promise, and finds out only when somebody has paid.",
    "Set it in the server's environment, and deploy again.",
)
padded = criterion(
    "env_padded", HIGH, 11, "The value has no space, line break or quote around it.",
    "What was copied along with a key becomes part of it: signatures fail, and nothing says why.",
    "Set the value again without what stands around it.",
)
example_left = criterion(
    "env_example", HIGH, 11, "The value is a real one, not an example.",
    "An example has the right form and opens nothing; the first customer would find out.",
    "Put the real value in its place.",
)
malformed = criterion(
    "env_form", HIGH, 11, "The value has the form that its kind has.",
    "A value of another form is another thing: a key of another service, or half of the right one.",
    "Copy the value again from where it is issued.",
)
not_https = criterion(
    "env_https", CRITICAL, 11, "The address begins with https.",
    "Whatever passes over http can be read and changed on the way: keys, sessions and questions.",
    "Write the address with https.",
)
wrong_role = criterion(
    "env_server_key_role", HIGH, 11,
    "The server's key is a server key: sb_secret_, or a legacy key of the role service_role.",
    "With a browser's key the server is held by the policies that hold visitors, and can write nothing.",
    "Copy the secret key from the project's API settings.",
)
legacy_key = criterion(
    "env_server_key_legacy", LOW, 11, "The server's key is one of the new kind, which can be revoked alone.",
    "Legacy keys end in 2026, and cannot be exchanged one by one when a server leaks its own.",
    "Create a secret key in the project's API settings, set it, and switch the legacy keys off.",
)
published_key = criterion(
    "env_server_key_published", CRITICAL, 11,
    "A public database's server key is none that Supabase has published for local projects.",
    "Its secret stands in the documentation: where it opens anything, everybody can act as the shop's own server.",
    "Give the project a secret of its own, and set the key that is made with it.",
)
expired_key = criterion(
    "env_server_key_expired", HIGH, 11, "The server's key has not expired.",
    "An expired key is refused by every request.",
    "Create a secret key in the project's API settings.",
)
other_project = criterion(
    "env_project", CRITICAL, 11, "Keys, address and database are of one project.",
    "Staging's key with production's address, or the other way round, writes real data into the wrong place.",
    "Copy address and key from the same project.",
)
project_untold = criterion(
    "env_project_untold", INFO, 11, "It can be told that the server's key is of the address's project.",
    "A key of the new kind names no project, and neither does a domain of one's own: only a request shows it.",
    'Ask once, after either was changed: curl -H "apikey: $SUPABASE_SERVICE_ROLE_KEY" '
    '"$NEXT_PUBLIC_SUPABASE_URL/rest/v1/"; the answer 401 means that they do not belong together.',
)
address_local = criterion(
    "env_address_local", HIGH, 11, "A public site's database has a public address.",
    "Every visitor's browser would look for the database on the visitor's own machine, and find nothing.",
    "Set the address of the project that serves the site.",
)
modes_mixed = criterion(
    "env_stripe_modes", CRITICAL, 8, "All Stripe keys are for test money, or all are for real money.",
    "A checkout of one mode is invisible to a key of the other: somebody pays, and nothing is unlocked.",
    "Take all keys from the same mode of the same account.",
)
live_at_home = criterion(
    "env_live_key_local", HIGH, 8, "A key for real money serves a site that the public can reach over https.",
    "A developer's machine that charges real cards does so by accident.",
    "Use a test key here, or set the public address of the site.",
)
test_in_public = criterion(
    "env_test_key_public", MEDIUM, 8, "A public site takes real money.",
    "With a test key everybody can buy everything with a card number from Stripe's documentation.",
    "Right for staging; set a live key before the launch.",
)
secret_exposed = criterion(
    "env_secret_public", CRITICAL, 11, "No secret stands under a name that is copied into the browser's code.",
    "Everybody who opens the site can read it there and act as the shop's own server.",
    "Rename the variable, revoke the secret where it was issued, and set a new one: it has been public.",
)

CRITERIA = (
    missing, padded, example_left, malformed, not_https, wrong_role, legacy_key, published_key, expired_key,
    other_project, project_untold, address_local, modes_mixed, live_at_home, test_in_public, secret_exposed,
)
# fmt: on
