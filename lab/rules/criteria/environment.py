"""What must hold for the environment of the site's server."""

from lab.rules.constructors import criterion
from lab.rules.model import Severity

CRITICAL, HIGH, MEDIUM, LOW, INFO = Severity

# fmt: off
missing = criterion(
    "env_missing", HIGH, 11, "The variable is set.",
    "Without it the server cannot deliver the chosen layers, and people notice only after a payment.",
    "Set it in the server's environment, and deploy again.",
    example="`STRIPE_SECRET_KEY` is not in the environment of the site's server.",
    accept="On a site that does not sell yet, until the day it does.",
)
padded = criterion(
    "env_padded", HIGH, 11, "The value has no spaces, line breaks or quotes around it.",
    "Such characters become part of the key, so that requests fail without a clear reason.",
    "Set the value again without the characters around it.",
    example="`STRIPE_SECRET_KEY` ends with a line break, because it was copied from a file.",
    accept="Never: setting the value again takes a minute.",
)
example_left = criterion(
    "env_example", HIGH, 11, "The value is not an example.",
    "An example value has the right form but does not work, and the first customer notices it.",
    "Replace it with the real value.",
    example="`NEXT_PUBLIC_SITE_URL` is still `https://example.com`.",
    accept="On a preview that no customer opens.",
)
malformed = criterion(
    "env_form", HIGH, 11, "The value has the right form.",
    "A value of another form is wrong: a key of another service, or half of the right one.",
    "Copy the value again from where it is issued.",
    example="`STRIPE_WEBHOOK_SECRET` holds a key that begins with `sk_`.",
    accept="Never: the server cannot use the value.",
)
not_https = criterion(
    "env_https", CRITICAL, 11, "The address begins with https.",
    "Data sent over http can be read and changed on the way: keys, sessions and questions.",
    "Write the address with https.",
    example="`NEXT_PUBLIC_SITE_URL` begins with `http://` and names a public host.",
    accept="Never on a public host. Addresses of this machine are not reported.",
)
wrong_role = criterion(
    "env_server_key_role", HIGH, 11,
    "The server's key is a server key: sb_secret_, or a legacy key of the role service_role.",
    "A browser's key has only the rights of visitors, so the server cannot write.",
    "Copy the secret key from the project's API settings.",
    example="`SUPABASE_SERVICE_ROLE_KEY` holds the anon key.",
    accept="Never: the server cannot write with it.",
)
legacy_key = criterion(
    "env_server_key_legacy", LOW, 11, "The server's key is a secret key (sb_secret_), which can be revoked by itself.",
    "Legacy keys stop working at the end of 2026. A leaked one cannot be replaced by itself.",
    "Create a secret key in the project's API settings, set it, and disable the legacy keys.",
    example="`SUPABASE_SERVICE_ROLE_KEY` is a legacy key that begins with `eyJ`.",
    accept="Until the date on which you change the key, before Supabase ends legacy keys.",
)
published_key = criterion(
    "env_server_key_published", CRITICAL, 11,
    "A public database does not use the server key that Supabase publishes for local projects.",
    "That key is in Supabase's documentation, so everybody can act as the shop's server.",
    "Give the project a secret of its own, and set a key that is signed with it.",
    example="The server's key is the one of `supabase start`, and the address is public.",
    accept="Never: everybody knows this key.",
)
expired_key = criterion(
    "env_server_key_expired", HIGH, 11, "The server's key has not expired.",
    "Every request with an expired key is refused.",
    "Create a secret key in the project's API settings.",
    example="The key's expiry date has passed.",
    accept="Never: every request is refused.",
)
other_project = criterion(
    "env_project", CRITICAL, 11, "Keys, address and database belong to one project.",
    "A staging key with the production address, or the reverse, writes real data to the wrong project.",
    "Copy address and key from the same project.",
    example="The address names the project `aaaa`, and the key belongs to `bbbb`.",
    accept="Never: real data can be written to the wrong project.",
)
project_untold = criterion(
    "env_project_untold", INFO, 11, "The server's key names the project of the address.",
    "A secret key or a custom domain does not name its project. Only a request shows whether they belong together.",
    'Run this after each change: curl -H "apikey: $SUPABASE_SERVICE_ROLE_KEY" "$NEXT_PUBLIC_SUPABASE_URL/rest/v1/"; the answer 401 means that they do not belong together.',
    example="The key begins with `sb_secret_`, which names no project.",
    accept="There is no need: information does not fail a check.",
)
address_local = criterion(
    "env_address_local", HIGH, 11, "A public site uses a database with a public address.",
    "With a local address each visitor's browser connects to the visitor's own machine.",
    "Set the address of the project that serves the site.",
    example="The site is public, and `NEXT_PUBLIC_SUPABASE_URL` is `http://127.0.0.1:54321`.",
    accept="Never on a public site.",
)
modes_mixed = criterion(
    "env_stripe_modes", CRITICAL, 8, "All Stripe keys have one mode: live or test.",
    "A key of one mode cannot read checkouts of the other, so a payment unlocks nothing.",
    "Take all keys from the same mode of the same account.",
    example="The secret key begins with `sk_live_`, and the publishable key with `pk_test_`.",
    accept="Never: a payment then unlocks nothing.",
)
live_at_home = criterion(
    "env_live_key_local", HIGH, 8, "Only a public https site uses a live key.",
    "A developer's machine with a live key can charge real cards by accident.",
    "Use a test key here, or set the public address of the site.",
    example="The site's address is `http://localhost:3000`, and the secret key begins with `sk_live_`.",
    accept="For a supervised test of a real payment, for a day.",
)
test_in_public = criterion(
    "env_test_key_public", MEDIUM, 8, "A public site uses a live key.",
    "With a test key everybody can buy everything with a test card number.",
    "This is right for staging. Set a live key before the launch.",
    example="The site is public, and the secret key begins with `sk_test_`.",
    accept="For staging: limit the entry to that target.",
)
secret_exposed = criterion(
    "env_secret_public", CRITICAL, 11, "No secret is in a variable that is copied into the browser's code.",
    "Everybody who opens the site can read the secret and act as the shop's server.",
    "Rename the variable. Revoke the secret, because it was public, and set a new one.",
    example="`NEXT_PUBLIC_STRIPE_KEY` holds a key that begins with `sk_`.",
    accept="Never: the secret is in every visitor's browser.",
)

CRITERIA = (
    missing, padded, example_left, malformed, not_https, wrong_role, legacy_key, published_key, expired_key,
    other_project, project_untold, address_local, modes_mixed, live_at_home, test_in_public, secret_exposed,
)
# fmt: on
