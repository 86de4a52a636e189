"""Function bodies that are written from the rules: what a ledger digests, and what a row must meet."""

from collections.abc import Callable

from lab.rules.derived import CHECK_PREFIX, ERASED_PREFIX, quote_all
from lab.rules.model import Function
from lab.rules.registry import Rules
from lab.sql.ai_bodies import (
    fits_layer_body,
    forbidden_words_body,
    lease_ai_run_body,
    repeats_others_body,
    word_digests_body,
)
from lab.sql.consent_bodies import (
    append_consent_body,
    consent_scope_body,
    job_consents_valid_body,
    job_purposes_body,
    job_settings_body,
    job_waits_body,
    require_own_body,
)
from lab.sql.erasure import ERASURE_BODIES, refuse_erased_body
from lab.sql.ledger_bodies import LEDGER_BODIES
from lab.sql.payment_bodies import PAYMENT_BODIES
from lab.sql.retention_bodies import kept_days_body
from lab.sql.row_checks import check_row_body
from lab.sql.schedule_bodies import task_limits_body
from lab.sql.sending_bodies import provider_ability_body
from lab.sql.stripe_bodies import stripe_payload_body, stripe_type_body
from lab.sql.withdrawal_bodies import WITHDRAWAL_BODIES


def amount_text_body(rules: Rules) -> str:
    """Return the body that writes an amount in whole units of its currency, with the currency's code."""
    exponents = sorted({currency.exponent for currency in rules.currencies})
    groups = [(n, tuple(c.id for c in rules.currencies if c.exponent == n)) for n in exponents]
    cases = "".join(f" when currency in ({quote_all(group)}) then {exponent}" for exponent, group in groups)
    return (
        "select round(amount_minor / power(10::numeric, c.exponent), c.exponent)::text || ' ' || upper(currency)\n"
        f"  from (select case{cases} end) as c (exponent)"
    )


DERIVED_BODIES: dict[str, Callable[[Rules], str]] = {
    "job_purposes": job_purposes_body,
    "job_consents_valid": job_consents_valid_body,
    "job_settings": job_settings_body,
    "job_waits": job_waits_body,
    "require_own": require_own_body,
    "consent_scope": consent_scope_body,
    "append_consent": lambda _: append_consent_body("append_consent"),
    "record_consent": lambda _: append_consent_body("record_consent"),
    "amount_text": amount_text_body,
    "stripe_type": lambda _: stripe_type_body(),
    "is_stripe_payload": lambda _: stripe_payload_body(),
    "lease_ai_run": lease_ai_run_body,
    "fits_layer": fits_layer_body,
    "forbidden_words": forbidden_words_body,
    "word_digests": word_digests_body,
    "repeats_others": repeats_others_body,
    "task_limits": task_limits_body,
    "kept_days": kept_days_body,
    "provider_ability": provider_ability_body,
    **ERASURE_BODIES,
    **LEDGER_BODIES,
    **PAYMENT_BODIES,
    **WITHDRAWAL_BODIES,
}


def derive_body(function: Function, rules: Rules) -> str:
    """Return the body of a derived function; the name of some says the column or the table that they check."""
    if maker := DERIVED_BODIES.get(function.id):
        return maker(rules)
    if function.id.startswith(ERASED_PREFIX):
        return refuse_erased_body(function.id.removeprefix(ERASED_PREFIX))
    return check_row_body(rules.table(function.id.removeprefix(CHECK_PREFIX)))
