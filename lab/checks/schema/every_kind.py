"""Lists every kind of thing that is compared, from the files of `kinds/`."""

from importlib import import_module
from pkgutil import iter_modules

from lab.checks.schema import kinds
from lab.checks.schema.kind import Kind


def _find_kinds() -> tuple[Kind, ...]:
    names = sorted(module.name for module in iter_modules(kinds.__path__))
    return tuple(import_module(f"{kinds.__name__}.{name}").KIND for name in names)


KINDS = _find_kinds()
