"""The settings of a receiver, from the variables that the site's server has anyway."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.rules.env import stripe_secret_key, stripe_webhook_secret
from lab.text.errors import LabError

DATABASE_VARIABLE = "DATABASE_URL"
# Set by `lab demo --shop` for the app, so that it asks Local Stripe: its key, and its address.
LOCAL_KEY_VARIABLE, LOCAL_ADDRESS_VARIABLE = "LAB_LOCAL_STRIPE_KEY", "LAB_LOCAL_STRIPE_URL"


class SettingsUnusable(LabError):
    """A receiver cannot start with these settings; says which, and the next step, and shows no value."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a receiver works with.

    Args:
        url: The database's URL; its login may act as `role`.
        secrets: The secrets of the webhook endpoint; during a rotation the old and the new one.
        livemode: True if real money is taken; events of the other mode are kept aside.
        role: The role that may record events; None if the login itself may.

    Raises:
        SettingsUnusable: There is no secret: a receiver without one would believe everybody.
    """

    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    livemode: bool
    role: str | None = "service_role"

    def __post_init__(self) -> None:
        """Refuse to be without a secret."""
        if not self.secrets or not all(secret.strip() for secret in self.secrets):
            raise SettingsUnusable(faults=[_ask_for_secret()])


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsUnusable: Some are missing or have another form; names all of them.
    """
    secrets = tuple(re.split(r"[,\s]+", environ.get(stripe_webhook_secret.id, "").strip(", \t\r\n")))
    key, url = environ.get(stripe_secret_key.id, "").strip(), environ.get(DATABASE_VARIABLE, "").strip()
    faults = []
    if not all(re.fullmatch(stripe_webhook_secret.form, secret) for secret in secrets):
        faults.append(_ask_for_secret())
    if not re.fullmatch(stripe_secret_key.form, key):
        faults.append(
            f"{stripe_secret_key.id}: is missing or has another form. Its start tells whether money is real."
            f" Set {stripe_secret_key.form_in_words}."
        )
    if not url:
        faults.append(f"{DATABASE_VARIABLE}: is missing or empty. Set the URL of the database that keeps the events.")
    if faults:
        raise SettingsUnusable(faults=faults)
    return Settings(url=url, secrets=secrets, livemode=key.split("_")[1] == "live")


def _ask_for_secret() -> str:
    found = "is missing, empty or has another form. Without it nobody can tell Stripe's events from others"
    return f"{stripe_webhook_secret.id}: {found}. Set {stripe_webhook_secret.form_in_words}."


def find_key(environ: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the key of an environment and the address that it is for; an empty key where there is none."""
    if local := environ.get(LOCAL_KEY_VARIABLE, "").strip():
        return local, environ.get(LOCAL_ADDRESS_VARIABLE, "").strip()
    return environ.get(stripe_secret_key.id, "").strip(), None
