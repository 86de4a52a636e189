"""Every mutant there is, and a fair sample of them."""

from hashlib import sha256

from lab.snapshot import load_snapshot
from tests.mutations.access_mutants import ACCESS_MUTANTS
from tests.mutations.model import Mutant
from tests.mutations.schema_mutants import SCHEMA_MUTANTS


def all_mutants(major: int) -> list[Mutant]:
    """Return every mutant that a major understands."""
    rules = load_snapshot(major)
    made = [mutant for make in (*SCHEMA_MUTANTS, *ACCESS_MUTANTS) for mutant in make(rules)]
    return [mutant for mutant in made if mutant.oldest <= major]


def families() -> list[str]:
    return sorted({mutant.family for mutant in all_mutants(18)})


def choose(mutants: list[Mutant], most: int, seed: str) -> list[Mutant]:
    """Return so many of them, scattered, and always the same for a seed."""
    return sorted(mutants, key=lambda mutant: sha256(f"{seed}{mutant.name}".encode()).digest())[:most]
