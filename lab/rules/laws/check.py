"""All laws in the order in which their faults are reported, and the check of the rules against them."""

from lab.rules.laws.access import (
    anon_has_no_grants,
    exposed_functions_have_a_reason,
    functions_pin_search_path,
    policies_call_foundation_functions,
    policies_match_grants,
    policies_wrap_auth_functions,
    triggers_run_registered_functions,
)
from lab.rules.laws.erasure import (
    erased_rows_have_a_subject,
    erased_subjects_stay_null,
    legal_holds_cover_every_row,
    shared_rows_cover_both_people,
    storage_paths_are_unique,
    subjects_can_be_erased,
)
from lab.rules.laws.law import BrokenRules, Law
from lab.rules.laws.mail import messages_fit_their_jobs, messages_hold_nothing_private, providers_can_be_repeated
from lab.rules.laws.privacy import (
    migration_tables_are_read_only,
    public_fields_are_apart,
    quoted_rows_are_not_private,
    secret_texts_are_indexed,
    texts_are_restricted,
)
from lab.rules.laws.product import (
    answers_fit_their_layers,
    circumstances_change_scenarios,
    examples_fit_their_form,
    jobs_and_channels_agree,
    offers_fit_their_tables,
    operators_can_act,
    refunds_are_answered,
    sold_layers_exist,
)
from lab.rules.laws.registry import (
    findings_name_one_rule,
    ids_are_unique,
    listed_rules_are_used,
    named_objects_exist,
    proofs_have_one_source,
    references_are_registered,
)
from lab.rules.laws.tables import (
    amounts_have_a_currency,
    foreign_keys_are_indexed,
    stamped_tables_are_ledgers,
    state_columns_are_nullable,
    states_can_be_reached,
    tables_follow_their_references,
    tables_have_required_columns,
    tables_refuse_deletes,
)
from lab.rules.laws.withdrawal import notices_fit_their_table, offers_answer_for_withdrawal
from lab.rules.registry import Rules

LAWS: tuple[Law, ...] = (
    ids_are_unique,
    findings_name_one_rule,
    references_are_registered,
    listed_rules_are_used,
    subjects_can_be_erased,
    erased_rows_have_a_subject,
    shared_rows_cover_both_people,
    legal_holds_cover_every_row,
    erased_subjects_stay_null,
    storage_paths_are_unique,
    public_fields_are_apart,
    texts_are_restricted,
    migration_tables_are_read_only,
    quoted_rows_are_not_private,
    tables_have_required_columns,
    anon_has_no_grants,
    policies_match_grants,
    policies_wrap_auth_functions,
    policies_call_foundation_functions,
    foreign_keys_are_indexed,
    tables_follow_their_references,
    states_can_be_reached,
    state_columns_are_nullable,
    amounts_have_a_currency,
    answers_fit_their_layers,
    secret_texts_are_indexed,
    exposed_functions_have_a_reason,
    functions_pin_search_path,
    stamped_tables_are_ledgers,
    tables_refuse_deletes,
    triggers_run_registered_functions,
    named_objects_exist,
    proofs_have_one_source,
    examples_fit_their_form,
    jobs_and_channels_agree,
    circumstances_change_scenarios,
    refunds_are_answered,
    sold_layers_exist,
    offers_fit_their_tables,
    operators_can_act,
    offers_answer_for_withdrawal,
    notices_fit_their_table,
    messages_fit_their_jobs,
    messages_hold_nothing_private,
    providers_can_be_repeated,
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
