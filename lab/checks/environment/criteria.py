"""What must hold for the environment of the site's server."""

from lab.checks.criterion import Criterion
from lab.rules.model import Severity

missing = Criterion(
    id="env_missing",
    chapter=11,
    severity=Severity.HIGH,
    title="The variable is set.",
    why="Without it the server cannot do what the chosen layers promise, and finds out only when somebody has paid.",
    decide="Set it in the server's environment, and deploy again.",
)
padded = Criterion(
    id="env_padded",
    chapter=11,
    severity=Severity.HIGH,
    title="The value has no space, line break or quote around it.",
    why="What was copied along with a key becomes part of it: signatures fail, and nothing says why.",
    decide="Set the value again without what stands around it.",
)
example_left = Criterion(
    id="env_example",
    chapter=11,
    severity=Severity.HIGH,
    title="The value is a real one, not an example.",
    why="An example has the right form and opens nothing; the first customer would find out.",
    decide="Put the real value in its place.",
)
malformed = Criterion(
    id="env_form",
    chapter=11,
    severity=Severity.HIGH,
    title="The value has the form that its kind has.",
    why="A value of another form is another thing: a key of another service, or half of the right one.",
    decide="Copy the value again from where it is issued.",
)
not_https = Criterion(
    id="env_https",
    chapter=11,
    severity=Severity.CRITICAL,
    title="The address begins with https.",
    why="Whatever passes over http can be read and changed on the way: keys, sessions and questions.",
    decide="Write the address with https.",
)
wrong_role = Criterion(
    id="env_server_key_role",
    chapter=11,
    severity=Severity.HIGH,
    title="The server's key is a server key: sb_secret_, or a legacy key of the role service_role.",
    why="With a browser's key the server is held by the policies that hold visitors, and can write nothing.",
    decide="Copy the secret key from the project's API settings.",
)
legacy_key = Criterion(
    id="env_server_key_legacy",
    chapter=11,
    severity=Severity.LOW,
    title="The server's key is one of the new kind, which can be revoked alone.",
    why="Legacy keys end in 2026, and cannot be exchanged one by one when a server leaks its own.",
    decide="Create a secret key in the project's API settings, set it, and switch the legacy keys off.",
)
published_key = Criterion(
    id="env_server_key_published",
    chapter=11,
    severity=Severity.CRITICAL,
    title="A public database's server key is none that Supabase has published for local projects.",
    why="Its secret stands in the documentation: where it opens anything, everybody can act as the shop's own server.",
    decide="Give the project a secret of its own, and set the key that is made with it.",
)
expired_key = Criterion(
    id="env_server_key_expired",
    chapter=11,
    severity=Severity.HIGH,
    title="The server's key has not expired.",
    why="An expired key is refused by every request.",
    decide="Create a secret key in the project's API settings.",
)
other_project = Criterion(
    id="env_project",
    chapter=11,
    severity=Severity.CRITICAL,
    title="Keys, address and database are of one project.",
    why="Staging's key with production's address, or the other way round, writes real data into the wrong place.",
    decide="Copy address and key from the same project.",
)
project_untold = Criterion(
    id="env_project_untold",
    chapter=11,
    severity=Severity.INFO,
    title="It can be told that the server's key is of the address's project.",
    why="A key of the new kind names no project, and neither does a domain of one's own: only a request shows it.",
    decide='Ask once, after either was changed: curl -H "apikey: $SUPABASE_SERVICE_ROLE_KEY" '
    '"$NEXT_PUBLIC_SUPABASE_URL/rest/v1/"; the answer 401 means that they do not belong together.',
)
address_local = Criterion(
    id="env_address_local",
    chapter=11,
    severity=Severity.HIGH,
    title="A public site's database has a public address.",
    why="Every visitor's browser would look for the database on the visitor's own machine, and find nothing.",
    decide="Set the address of the project that serves the site.",
)
modes_mixed = Criterion(
    id="env_stripe_modes",
    chapter=8,
    severity=Severity.CRITICAL,
    title="All Stripe keys are for test money, or all are for real money.",
    why="A checkout of one mode is invisible to a key of the other: somebody pays, and nothing is unlocked.",
    decide="Take all keys from the same mode of the same account.",
)
live_at_home = Criterion(
    id="env_live_key_local",
    chapter=8,
    severity=Severity.HIGH,
    title="A key for real money serves a site that the public can reach over https.",
    why="A developer's machine that charges real cards does so by accident.",
    decide="Use a test key here, or set the public address of the site.",
)
test_in_public = Criterion(
    id="env_test_key_public",
    chapter=8,
    severity=Severity.MEDIUM,
    title="A public site takes real money.",
    why="With a test key everybody can buy everything with a card number from Stripe's documentation.",
    decide="Right for staging; set a live key before the launch.",
)
secret_exposed = Criterion(
    id="env_secret_public",
    chapter=11,
    severity=Severity.CRITICAL,
    title="No secret stands under a name that is copied into the browser's code.",
    why="Everybody who opens the site can read it there and act as the shop's own server.",
    decide="Rename the variable, revoke the secret where it was issued, and set a new one: it has been public.",
)

CRITERIA = (
    missing, padded, example_left, malformed, not_https, wrong_role, legacy_key, published_key, expired_key,
    other_project, project_untold, address_local, modes_mixed, live_at_home, test_in_public, secret_exposed,
)  # fmt: skip
