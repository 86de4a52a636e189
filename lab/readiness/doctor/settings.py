"""What the settings say: secrets, variables of the site, and anchors."""

import stat
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from lab.checks.environment.check import check_environment
from lab.readiness.doctor.sign import Setup, Sign
from lab.readiness.permission import OperateSettings
from lab.readiness.targets import EMBEDDED, find_targets
from lab.rules import RULES
from lab.rules.criteria.environment import missing
from lab.services.anchor import AnchorFault, AnchorSource, find_source, read_anchors

OLDEST_ANCHOR = timedelta(days=2)


def read_secrets(setup: Setup) -> Mapping[str, Any]:
    """Return Streamlit's secrets; nothing when they cannot be read, which `look_at_secrets` says."""
    try:
        return tomllib.loads(setup.secrets.read_text(encoding="utf-8")) if setup.secrets.exists() else {}
    except (OSError, ValueError):
        return {}


def look_at_secrets(setup: Setup) -> Iterator[Sign]:
    """Check that the secrets file can be read, that no other user can read it, and that its settings are known."""
    path = setup.secrets
    if not path.exists():
        yield Sign("Secrets", "not used", f"there is no {path.name}, so the app has no login")
        return
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        yield Sign("Secrets", "wrong", f"{path} cannot be read as TOML", "Correct it. Until then live data is closed.")
        return
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Sign("Secrets", "wrong", "other accounts of this machine can read them", f"Run: chmod 600 {path}")
    if not _is_valid(held.get("operate", {})):
        known = ", ".join(sorted(OperateSettings.model_fields))
        yield Sign("Secrets", "wrong", "the settings under [operate] are not valid", f"Valid names are {known}.")
        return
    yield Sign("Secrets", "ok", f"sections {', '.join(sorted(held)) or 'none'}")


def _is_valid(settings: object) -> bool:
    try:
        OperateSettings(**settings if isinstance(settings, dict) else {"": settings})
    except (ValidationError, TypeError):
        return False
    return True


def look_at_variables(setup: Setup) -> Iterator[Sign]:
    """Look at the variables of the site that are set here: their form, mode and project, never their value."""
    held = [variable.id for variable in RULES.env if setup.environ.get(variable.id, "").strip()]
    if not held:
        yield Sign("Site's variables", "not used", "none is set here; the site's server has them")
        return
    found = [f for f in check_environment(setup.environ).findings if f.rule != missing.id and f.weighs]
    for finding in found:
        yield Sign(finding.subject, "wrong", finding.seen, finding.decide or "")
    if not found:
        yield Sign("Site's variables", "ok", f"{len(held)} set: {', '.join(held)}")


def look_at_anchors(setup: Setup) -> Iterator[Sign]:
    """Look how old the newest anchor of each target is."""
    names = [target.name for target in find_targets(setup.environ, read_secrets(setup)) if not target.fault]
    sources = {name: find_source(setup.environ, target=name) for name in names}
    given = {name: source for name, source in sources.items() if source}
    if not given:
        remedy = "Before the launch, run: python -m lab anchor --help"
        yield Sign("Anchors", "not used", "LAB_ANCHOR names no file", remedy)
    for name, source in given.items():
        yield _judge_anchors(f"Anchors of {name}" if name != EMBEDDED else "Anchors", source, setup)


def _judge_anchors(name: str, source: AnchorSource, setup: Setup) -> Sign:
    if source.fault:
        return Sign(name, "wrong", "their key cannot be used", source.fault)
    if not source.path.exists():
        return Sign(name, "wrong", f"{source.path.name} does not exist", "Correct LAB_ANCHOR, or begin to anchor.")
    try:
        logs = read_anchors(source.path, source.verifiers)
    except AnchorFault as error:
        return Sign(name, "wrong", error.found or "the file cannot be used", f"{error.next_step}.")
    newest = max((log.newest.at for log in logs.values() if log.newest), default=None)
    if newest is None:
        return Sign(name, "wrong", "the file has no anchor yet", "Run: python -m lab anchor")
    age = setup.now - newest
    seen = f"the newest is {age.days} d {age.seconds // 3600} h old"
    if age > OLDEST_ANCHOR:
        return Sign(name, "wrong", seen, "Look why `python -m lab anchor` no longer runs; it should run every hour.")
    return Sign(name, "ok", seen)
