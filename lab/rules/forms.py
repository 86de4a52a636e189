"""Patterns of short texts that have no room for a sentence, an address or a name."""

LOCALE = "^(?:[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?|x-[0-9a-f]{8})$"
WORKER = "^[a-z0-9][a-z0-9.-]{0,40}(?::[0-9]{1,10}){0,2}$"
# Of the same names, those that the queue writes with every job: Postgres takes ten times as long for a pattern that
# counts signs.
WORKER_SIGNS, WORKER_BYTES = "^[a-z0-9][a-z0-9.-]*(?::[0-9]+)*$", 63
MODEL = "^(?=.*[0-9])[a-z0-9][a-z0-9.:-]{0,30}(?:/[a-z0-9][a-z0-9.:-]{0,40})?$"
STRIPE_EVENT = "^evt_[A-Za-z0-9_]{1,40}$"
STRIPE_SESSION = "^cs_(?:test_|live_)?[A-Za-z0-9]{1,70}$"
STRIPE_PAYMENT = "^pi_[A-Za-z0-9]{1,40}$"
STRIPE_CHARGE = "^(?:ch|py)_[A-Za-z0-9]{1,40}$"
STRIPE_REFUND = "^(?:re|pyr)_[A-Za-z0-9]{1,40}$"
STRIPE_DISPUTE = "^(?:dp|du)_[A-Za-z0-9]{1,40}$"
STRIPE_OBJECT = "^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$"
STRIPE_VERSION = "^20[0-9]{2}-[0-9]{2}-[0-9]{2}(?:[.][a-z]{3,12})?$"
ENVIRONMENT = "^[a-z][a-z0-9-]{0,30}$"
PROVIDER_ID = "^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
RULES_VERSION = "^[0-9a-f]{12}$"
