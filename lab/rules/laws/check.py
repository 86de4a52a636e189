"""All laws in the order in which their faults are reported, and the check of the rules against them."""

from lab.rules.laws.access import (
    functions_are_guarded,
    functions_cannot_be_hijacked,
    nothing_for_strangers,
    policies_ask_once,
    policies_call_what_is_there,
    policies_meet_grants,
    triggers_run_registered_functions,
)
from lab.rules.laws.erasure import (
    erased_people_stay_unnamed,
    erased_rows_have_a_subject,
    holds_reach_every_row,
    rows_of_two_say_whose_they_are,
    stored_files_stand_once,
    subjects_can_be_erased,
)
from lab.rules.laws.law import BrokenRules, Law
from lab.rules.laws.privacy import (
    migrations_alone_add_words,
    private_words_are_indexed,
    public_fields_stand_apart,
    quoted_rows_hold_no_text,
    texts_are_closed,
)
from lab.rules.laws.product import (
    answers_fit_their_layers,
    examples_fit_their_form,
    jobs_and_channels_agree,
    sold_layers_exist,
)
from lab.rules.laws.registry import (
    findings_name_one_rule,
    ids_are_unique,
    names_carry_something,
    nothing_is_idle,
    proofs_ask_something,
    references_are_registered,
)
from lab.rules.laws.tables import (
    amounts_know_their_currency,
    foreign_keys_are_indexed,
    ledgers_are_ledgers,
    rows_are_kept,
    states_can_be_reached,
    states_need_values,
    tables_come_after_what_they_name,
    tables_have_a_core,
)
from lab.rules.registry import Rules

LAWS: tuple[Law, ...] = (
    ids_are_unique,
    findings_name_one_rule,
    references_are_registered,
    nothing_is_idle,
    subjects_can_be_erased,
    erased_rows_have_a_subject,
    rows_of_two_say_whose_they_are,
    holds_reach_every_row,
    erased_people_stay_unnamed,
    stored_files_stand_once,
    public_fields_stand_apart,
    texts_are_closed,
    migrations_alone_add_words,
    quoted_rows_hold_no_text,
    tables_have_a_core,
    nothing_for_strangers,
    policies_meet_grants,
    policies_ask_once,
    policies_call_what_is_there,
    foreign_keys_are_indexed,
    tables_come_after_what_they_name,
    states_can_be_reached,
    states_need_values,
    amounts_know_their_currency,
    answers_fit_their_layers,
    private_words_are_indexed,
    functions_are_guarded,
    functions_cannot_be_hijacked,
    ledgers_are_ledgers,
    rows_are_kept,
    triggers_run_registered_functions,
    names_carry_something,
    proofs_ask_something,
    examples_fit_their_form,
    jobs_and_channels_agree,
    sold_layers_exist,
)


def check_laws(rules: Rules) -> Rules:
    """Return the rules if they keep every law.

    Raises:
        BrokenRules: With every fault of every law.
    """
    faults = [
        f"{fault}. That breaks the law {law.__name__}: {law.__doc__} Correct it in lab/rules/."
        for law in LAWS
        for fault in law(rules)
    ]
    if faults:
        raise BrokenRules(faults=faults)
    return rules
