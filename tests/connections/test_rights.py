"""Checks with few rights: what may not be read is unknown, never well."""

import uuid
from collections.abc import Callable, Iterator

import pytest

from lab.database.embedded.server import EmbeddedPostgres
from tests.connections.trial import SOON, Databases, Run, Told, as_superuser


@pytest.fixture
def outsider(server: EmbeddedPostgres) -> Iterator[str]:
    """The name of a role that may log in, and nothing else."""
    name = f"outsider_{uuid.uuid4().hex[:8]}"
    as_superuser(server.admin_url(), f"create role {name} login")
    yield name
    as_superuser(server.admin_url(), f"drop role {name}")


def test_a_role_with_no_right_at_all_sees_the_wall(
    outsider: str, run: Run, server: EmbeddedPostgres, shared_database: Databases, check: Callable[..., Told]
) -> None:
    url = server.url(shared_database(server).name, outsider)
    told = check(url)
    assert (told.code, told.keys, set(told.unknown)) == (1, set(), BUCKETS)
    assert "may not read every row of storage.buckets" in told.unknown["which buckets are public"]
    rows = check(url, "--family", "data")
    assert (rows.code, rows.keys) == (2, set())
    assert all("This role may not read everything" in why for why in rows.unknown.values())
    tried = check(url, "--family", "probes")
    assert tried.keys == set()
    assert "cannot be used by" in tried.unknown["what Visitor reaches"]
    code, out, err = run("migrate", "--database-url", url)
    assert (code, out, "permission denied" in err) == (2, "", True)
    assert run("migrate", "--database-url", url, "--apply")[0] == 2


BUCKETS = {"which buckets are public"}  # unknown to every role that row-level security applies to
# What is taken from PUBLIC -> what cannot be told any more, and the exit code.
MISLED = "the catalogue's privileged functions"
PLATFORM = "the catalogue's tables of the platform"
POLICIES = {
    "the catalogue's policies",
    "the catalogue's policies of the platform's tables",
    "the catalogue's functions in expressions",
}
BESIDE = {
    f"the catalogue's {what}"
    for what in ("undeclared grants", "platform objects of other roles", "guards of the accounts")
}
ROLES = {"the catalogue's roles", "the catalogue's memberships"}
UNDECLARED = {
    f"the catalogue's {what}"
    for what in (
        "undeclared tables and views",
        "closed undeclared tables and views",
        "undeclared functions",
        "closed undeclared functions",
    )
}
REVOKED = {
    "select on pg_catalog.pg_policy": (
        {
            *POLICIES,
            PLATFORM,
            "the catalogue's policies of the platform's tables",
            "the catalogue's functions in expressions",
            "the catalogue's undeclared tables and views",
            "the catalogue's closed undeclared tables and views",
        },
        1,
    ),
    "select on pg_catalog.pg_auth_members": ({*ROLES, MISLED, "the catalogue's settings"}, 1),
    "select on pg_catalog.pg_roles": ({*ROLES, *UNDECLARED, "the catalogue's settings", MISLED, *BESIDE, PLATFORM}, 1),
    "execute on function pg_catalog.pg_get_triggerdef(oid)": ({"the catalogue's triggers"}, 1),
    "select on pg_catalog.pg_proc": ({"the catalogue"}, 2),
    "select on pg_catalog.pg_class": ({"the catalogue"}, 2),
    "execute on function pg_catalog.set_config(text, text, boolean)": ({"the catalogue"}, 2),
}


@pytest.mark.parametrize("right", REVOKED)
def test_what_may_not_be_read_is_unknown(
    right: str, outsider: str, server: EmbeddedPostgres, database: Databases, check: Callable[..., Told]
) -> None:
    place, (unknown, code) = database(server), REVOKED[right]
    as_superuser(place.admin_url, f"revoke {right} from public")
    told = check(server.url(place.name, outsider))
    assert (told.code, told.keys, set(told.unknown) - BUCKETS) == (code, set(), unknown)
    assert all("permission denied for" in why for what, why in told.unknown.items() if what not in BUCKETS)
    asked = check(server.url(place.name, outsider), "--data", "--operations")
    assert asked.keys == set()
    assert asked.seconds < SOON
