"""Things that something else took the place of: another owner, another routine, another kind of relation, orphans."""

import re
from collections.abc import Iterator

from lab.checks.schema.catalogue import Catalogue
from testbed.mutations.model import Mutant

OWN = "set local role postgres; "


def owners(rules: Catalogue) -> Iterator[Mutant]:
    """Somebody whom the project's owner can act as owns it: giving it back must not take their own grants away."""
    for form in ("table", "view", "function", "schema"):
        for name in rules.of(form):
            if name != "public":
                change = f"alter {form} {name} owner to authenticated"
                yield Mutant("owners", change, change, name)
    for form, role in (("view", "oracle_operator"), ("schema", "ai_worker")):
        for name in rules.of(form):
            if name != "public":
                change = f"alter {form} {name} owner to {role}"
                yield Mutant("owners", change, change, name)


def routines(rules: Catalogue) -> Iterator[Mutant]:
    for name, facts in rules.of("function").items():
        arguments, place = facts["arguments"], name.split("(")[0]
        drop = f"{OWN}drop function {name} cascade; "
        if arguments:
            made = f"replace(pg_get_functiondef('{name}'::regprocedure), '({arguments})', '({arguments} default null)')"
            change = f"{OWN}do $do$ begin execute {made}; end $do$"
            if "DEFAULT" not in arguments:
                yield Mutant("routines", f"default added to {name}", change, name)
            other = re.sub(r"^(\w+)", r"other_\1", arguments)
            renamed = f"{drop}create function {place}({other}) returns {facts['returns']} language plpgsql"
            empty = "as $mutant$begin raise exception 'other'; end$mutant$"
            yield Mutant("routines", f"renamed parameter of {name}", f"{renamed} {empty}", name)
        answers = f"{drop}create function {place}({arguments}) returns xml language plpgsql as 'begin return null; end'"
        yield Mutant("routines", f"other answer of {name}", answers, name)
        procedure = f"{drop}create procedure {place}({arguments}) language plpgsql as 'begin end'"
        yield Mutant("routines", f"procedure {name}", procedure, name)


def stand_ins(rules: Catalogue) -> Iterator[Mutant]:
    for name, facts in rules.of("view").items():
        for form in ("table", "materialized view"):
            made = f"drop view {name} cascade; create {form} {name} as {facts['definition']}"
            yield Mutant("stand-ins", f"{form} for {name}", f"{OWN}{made} grant select on {name} to anon", name)
    for name in rules.of("table"):
        short = name.split(".")[1]
        renamed = (
            f"{OWN}alter table {name} rename to gone_{short}; create view {name} as select * from public.gone_{short}"
        )
        opened = f"; grant select on {name} to authenticated"
        yield Mutant("stand-ins", f"view for {name}", renamed + opened, name)
        unknown = f"; alter index public.{short}_pkey rename to gone_{short}_key"
        yield Mutant("stand-ins", f"view for unknown {name}", renamed + opened + unknown, name, mends=False)


NOBODY = "'00000000-0000-0000-0000-00000000dead'"
# foreign key -> a row that nothing but it refuses
ORPHANS = {
    "public.privacy_requests.privacy_requests_subject_id_fkey": f"(kind, subject_id) values ('export', {NOBODY})",
    "public.delivery_attempts.delivery_attempts_job_id_fkey": "(attempt, job_id, outcome) values (1, -1, 'done')",
    "public.privacy_request_steps.privacy_request_steps_request_id_fkey": (
        f"(position, name, request_id) values (1, 'accounts', {NOBODY})"
    ),
    "public.purchase_links.purchase_links_product_id_fkey": (
        "(amount_minor, currency, livemode, product_id, stripe_price_id, unlock_route) "
        f"values (1, 'eur', false, {NOBODY}, 'price_orphan', '/orphan')"
    ),
}


def orphans(rules: Catalogue) -> Iterator[Mutant]:
    for name, row in ORPHANS.items():
        relation, key = name.rsplit(".", 1)
        alter, definition = f"alter table {relation}", rules.of("constraint")[name]["definition"]
        change = f"{alter} drop constraint {key}; insert into {relation} {row}; {alter} add constraint {key} {definition} not valid"
        yield Mutant("orphans", f"orphan of {name}", change, name, mends=False)


REPLACEMENT_MUTANTS = (owners, routines, stand_ins, orphans)
