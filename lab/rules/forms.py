"""Patterns of short texts that have no room for a sentence, an address or a name."""

LOCALE = "^(?:[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?|x-[0-9a-f]{8})$"
WORKER = "^[a-z0-9][a-z0-9.-]{0,40}(?::[0-9]{1,10}){0,2}$"
MODEL = "^(?=.*[0-9])[a-z0-9][a-z0-9.:-]{0,30}(?:/[a-z0-9][a-z0-9.:-]{0,40})?$"
STRIPE_SESSION = "^cs_(?:test_|live_)?[A-Za-z0-9]{1,70}$"
STRIPE_PAYMENT = "^pi_[A-Za-z0-9]{1,40}$"
STRIPE_OBJECT = "^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$"
STRIPE_VERSION = "^20[0-9]{2}-[0-9]{2}-[0-9]{2}(?:[.][a-z]{3,12})?$"
