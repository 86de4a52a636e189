"""Looks at everything, in the order in which it must be right."""

from collections.abc import Callable, Iterator

from lab.readiness.doctor import machine, settings, targets
from lab.readiness.doctor.sign import Setup, Sign

LOOKS: tuple[Callable[[Setup], Iterator[Sign]], ...] = (
    machine.look_at_python,
    machine.look_at_packages,
    machine.look_at_graphviz,
    machine.look_at_fonts,
    machine.look_at_room,
    machine.look_at_port,
    machine.look_at_embedded,
    settings.look_at_secrets,
    settings.look_at_variables,
    settings.look_at_anchors,
    targets.look_at_targets,
)


def examine(setup: Setup) -> tuple[Sign, ...]:
    """Return what was seen, in order. Read-only."""
    return tuple(sign for look in LOOKS for sign in look(setup))
