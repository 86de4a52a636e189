"""The function body that holds the providers: what can be done when one does not answer."""

from lab.rules.derived import quote
from lab.rules.model import MailProvider
from lab.rules.registry import Rules


def provider_ability_body(rules: Rules) -> str:
    """Return the body that gives a provider's ability and window; no row for an unknown one."""
    return f"begin\n{''.join(map(_write_ability, rules.mail_providers))}end"


def _write_ability(provider: MailProvider) -> str:
    lines = f"    ability := {quote(provider.ability)};\n    window_seconds := {provider.window_seconds or 0};\n"
    return f"  if provider = {quote(provider.id)} then\n{lines}    return next;\n  end if;\n"
