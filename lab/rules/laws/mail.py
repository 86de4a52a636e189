"""Laws of e-mail: each leg has its message, and no message has a field that others may not read."""

from collections.abc import Iterator

from lab.rules.model import PrivacyClass
from lab.rules.registry import Rules


def messages_fit_their_jobs(rules: Rules) -> Iterator[str]:
    """Each job with an e-mail leg has one message of its id, and a message names each field once."""
    mailed = {job.id for job in rules.jobs if "email" in job.legs}
    for id in sorted(mailed ^ {message.id for message in rules.messages}):
        yield f"message {id}: there is none for its job's e-mail leg, or it has no such job; see lab/rules/messages.py"
    for message in rules.messages:
        names = [field.name for field in message.fields]
        yield from (f"message {message.id}: names {name} twice" for name in sorted(set(names)) if names.count(name) > 1)
        if message.job.id != message.id:
            yield f"message {message.id}: its job is called {message.job.id}; give both the same id"


def messages_hold_nothing_private(rules: Rules) -> Iterator[str]:
    """No message has a secret or personal field."""
    for message in rules.messages:
        for field in message.fields:
            if field.privacy in (PrivacyClass.SECRET, PrivacyClass.PERSONAL):
                yield f"message {message.id}: its field {field.name} is {field.privacy}; an e-mail holds no such field"


def providers_can_be_repeated(rules: Rules) -> Iterator[str]:
    """A provider has a window exactly when it is idempotent."""
    for provider in rules.mail_providers:
        if (provider.ability == "idempotent") != (provider.window_seconds is not None):
            yield f"provider {provider.id}: is {provider.ability}, with window_seconds {provider.window_seconds}"
