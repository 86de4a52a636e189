"""The commands that need no database: plans and rules."""

import argparse
from collections.abc import Sequence

from pydantic import ValidationError

from lab.cli.files import add_outputs, hand_out
from lab.cli.outcome import FINDINGS, HOLDS, NotDone, say, say_json
from lab.cli.parser import Commands, add_command
from lab.plan.difference import compare_plans
from lab.plan.make import Verdict, make_plan
from lab.plan.scenario import Scenario
from lab.readiness.reports.plans import DIFFERENCE_FORMS, PLAN_FORMS
from lab.rules import RULES, Rules


def add_commands(commands: Commands) -> None:
    """Add `plan` and `rules`."""
    adding = add_command(commands, plan, "python -m lab plan --layer artifacts --channel pdf --channel email")
    adding.add_argument("--layer", required=True, help=", ".join(layer.id for layer in RULES.layers))
    adding.add_argument("--channel", action="append", default=[], help=", ".join(c.id for c in RULES.channels))
    adding.add_argument("--consent", action="append", default=[], help=", ".join(c.id for c in RULES.consents))
    adding.add_argument("--what-if", action="append", default=[], help=", ".join(c.id for c in RULES.circumstances))
    other = adding.add_argument_group(
        "a second scenario", "prints what differs; its layer is the first one's by default"
    )
    other.add_argument("--b-layer", metavar="LAYER", help="the layer of the second scenario")
    for name in ("channel", "consent", "what-if"):
        other.add_argument(
            f"--b-{name}", metavar=name.upper(), action="append", help=f"a {name} of the second scenario"
        )
    add_outputs(adding, PLAN_FORMS)

    adding = add_command(commands, rules, "python -m lab rules --json")
    printing = adding.add_mutually_exclusive_group()
    printing.add_argument("--json", action="store_true", help="print the rules as JSON")
    printing.add_argument("--schema", action="store_true", help="print the JSON Schema of the rules")


def plan(options: argparse.Namespace) -> int:
    """Print the plan of a scenario, or what differs between two."""
    made = make_plan(_scenario(options.layer, options.channel, options.consent, options.what_if))
    second = (options.b_layer, options.b_channel, options.b_consent, options.b_what_if)
    if all(given is None for given in second):
        hand_out(made, PLAN_FORMS, options)
        return HOLDS if made.verdict is Verdict.READY else FINDINGS
    layer, *lists = second
    other = make_plan(_scenario(layer or options.layer, *(given or [] for given in lists)))
    if options.format not in DIFFERENCE_FORMS:
        raise NotDone(f"--format {options.format}", "shows one scenario", f"Use {', '.join(DIFFERENCE_FORMS)} for two")
    hand_out(compare_plans(made, other), DIFFERENCE_FORMS, options)
    return HOLDS if made.verdict is other.verdict is Verdict.READY else FINDINGS


def _scenario(layer: str, channels: Sequence[str], consents: Sequence[str], what_if: Sequence[str]) -> Scenario:
    try:
        return Scenario(layer=layer, channels=tuple(channels), consents=tuple(consents), what_if=tuple(what_if))
    except ValidationError as error:
        raise NotDone(faults=["; ".join(fault["msg"] for fault in error.errors())]) from None


def rules(options: argparse.Namespace) -> int:
    """Print the rules, or their JSON Schema."""
    if options.schema:
        say_json(Rules.model_json_schema(mode="serialization"))
    elif options.json:
        say(RULES.model_dump_json(indent=2))
    else:
        for field, value in RULES:
            if isinstance(value, tuple):
                names = ", ".join(getattr(rule, "id", None) or rule.name for rule in value)
                say(f"{field.replace('_', ' ')}: {names}")
    return HOLDS
