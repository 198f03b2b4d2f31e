"""Every edge case the field has learned has its test, by name."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EDGES = {
    1: "unit/test_money.py::test_nineteen_ninety_nine_is_1999_where_a_float_would_make_it_1998",
    2: """
        unit/test_currencies.py::test_a_yen_has_no_smaller_unit
        unit/test_currencies.py::test_a_dinar_has_a_thousand_fils_charged_in_tens
        unit/test_currencies.py::test_stripe_counts_a_krona_in_hundredths_and_charges_it_whole
    """,
    3: """
        unit/test_newsroom_file.py::test_each_currency_has_bounds_of_its_own
        unit/test_newsroom_file.py::test_support_starts_from_just_two_a_month
        unit/test_giving_rules.py::test_a_cent_less_than_the_least_is_too_little_and_the_least_is_told
        unit/test_giving_rules.py::test_a_cent_more_than_the_most_is_too_much_and_the_most_is_told
        web/test_support_sending.py::test_amounts_are_taken_in_every_currency_and_every_way_of_writing
    """,
    4: "web/test_member_record.py::test_a_member_who_changed_currency_sees_each_amount_in_its_own",
    5: """
        flows/test_credit_notes.py::test_edge_5_a_partial_refund_is_answered_by_a_credit_note_and_a_mail
        flows/test_credit_notes.py::test_edge_5_several_refunds_have_a_number_each
        flows/test_credit_notes.py::test_edge_5_a_refund_that_fails_later_keeps_its_number_and_the_receipt_says_so
        flows/test_credit_notes.py::test_edge_5_a_refund_in_the_next_year_is_a_document_of_its_own_year
    """,
    6: """
        flows/test_agreed_amounts.py::test_edge_6_a_gift_that_covers_its_fee_is_charged_as_agreed_also_after_a_change
        flows/test_changes.py::test_edge_6_support_that_covers_its_fees_keeps_doing_so_and_the_total_is_charged
    """,
    7: """
        flows/test_renewals.py::test_a_renewal_that_fails_and_is_retried_is_recorded_once
        flows/test_failed_payments.py::test_a_renewal_that_fails_and_is_then_paid_is_thanked_for_once
    """,
    8: "flows/test_renewals.py::test_a_payment_with_several_charges_is_one_payment",
    9: """
        flows/test_renewals.py::test_abandoned_authentication_ends_in_nothing_and_the_reader_can_try_again
        flows/test_standing.py::test_a_first_payment_abandoned_at_the_bank_makes_nobody_a_member_and_tells_nobody
    """,
    10: """
        flows/test_renewals.py::test_a_renewal_that_wants_authentication_waits_and_is_not_thanked
        flows/test_failed_payments.py::test_a_renewal_the_bank_wants_confirmed_has_a_mail_and_a_link_of_its_own
    """,
    11: """
        flows/test_second_subscriptions.py::test_a_second_subscription_is_told_to_its_member_once_and_shown_to_staff
        flows/test_second_subscriptions.py::test_once_one_of_them_ends_or_is_to_end_nobody_pays_twice
        flows/test_manage.py::test_an_end_at_once_is_seen_at_once
    """,
    12: """
        flows/test_manage.py::test_a_card_replaced_while_an_invoice_is_open_pays_it
        flows/test_manage.py::test_a_card_that_is_declined_is_said_to_be_and_tried_once_a_press
    """,
    13: """
        flows/test_standing.py::test_a_cancellation_while_past_due_is_at_once_and_whose_it_is
        flows/test_standing.py::test_a_cancellation_taken_back_before_the_period_ends_leaves_no_fact
        flows/test_standing.py::test_a_pause_over_a_year_boundary_charges_nothing_and_ends_by_itself
        flows/test_changes.py::test_a_pause_over_the_yearly_payment_puts_it_off_and_skips_no_year
        flows/test_changes_foretold.py::test_every_preview_comes_true_to_the_second_and_the_cent
        flows/test_asks_support.py::test_a_pause_over_the_turn_of_the_year_skips_what_falls_due_and_then_goes_on
    """,
    14: """
        flows/test_renewals.py::test_twelve_months_from_the_last_of_january
        flows/test_renewals.py::test_a_renewal_a_minute_before_midnight_is_of_that_day_in_the_newsrooms_zone
        flows/test_renewals.py::test_a_leap_day_renews_on_the_last_of_february
        flows/test_standing.py::test_a_yearly_membership_from_a_leap_day_renews_on_the_last_of_february
        flows/test_standing.py::test_a_fact_a_minute_before_midnight_is_of_that_day_across_a_change_of_clocks
        unit/test_clock.py::test_a_minute_to_midnight_falls_on_the_newsrooms_day
        unit/test_course.py::test_every_charge_is_on_the_day_that_was_chosen_or_the_last_of_a_shorter_month
        flows/test_changes_foretold.py::test_a_charge_is_told_for_the_day_it_is_made_on
    """,
    15: """
        flows/test_renewals.py::test_a_raised_and_a_lowered_amount_hold_on_the_very_next_charge
        flows/test_asks_support.py::test_a_lowered_amount_holds_for_a_renewal_that_is_drafted_already
        flows/test_asks_support.py::test_a_lowered_amount_holds_for_a_renewal_that_failed
        flows/test_changes.py::test_a_renewal_that_is_drafted_is_foretold_at_the_lower_amount
    """,
    16: """
        flows/test_disputes.py::test_edge_16_a_disputed_payment_is_not_thanked_again_and_its_receipt_says_so
        flows/test_disputes.py::test_edge_16_a_dispute_that_is_won_comes_back_and_the_books_show_the_fee
    """,
    17: """
        flows/test_debits.py::test_edge_17_a_debit_is_on_its_way_for_days_and_then_has_exactly_one_receipt
        flows/test_debits.py::test_edge_17_a_debit_reversed_weeks_later_is_one_receipt_and_one_note
    """,
    18: """
        flows/test_changes_at_stripe.py::test_a_deleted_customer_is_followed_to_the_end_of_their_subscription
        flows/test_changes_at_stripe.py::test_an_address_changed_at_stripe_moves_the_person_with_their_name
        flows/test_reconcile.py::test_a_deleted_customer_is_found_though_no_list_names_it
        flows/test_standing.py::test_one_ended_in_stripes_dashboard_was_ended_at_stripe
    """,
    19: """
        web/test_webhooks.py::test_an_event_of_the_other_mode_is_kept_and_wants_nothing
        flows/test_receive.py::test_an_event_of_the_other_mode_is_a_fact_that_wants_nothing
    """,
    20: """
        unit/test_addresses.py::test_spellings_of_one_mailbox_are_one_person
        unit/test_addresses.py::test_case_and_space_around_never_make_another_person
        unit/test_addresses.py::test_dots_and_tags_tell_people_apart_where_the_provider_does
        flows/test_people.py::test_a_second_gift_from_the_same_address_in_other_case_is_the_same_member
        flows/test_people.py::test_gmails_dots_and_tags_are_one_person
        flows/test_people.py::test_dots_elsewhere_may_be_another_person
        flows/test_merging.py::test_edge_20_all_that_goes_on_is_of_the_kept_record
        flows/test_merging.py::test_edge_20_a_merge_is_a_row_and_a_line_of_the_log_by_ids_alone
        flows/test_merging.py::test_edge_20_what_stripe_tells_later_lands_on_the_kept_record
        flows/test_merging.py::test_edge_20_a_full_reconcile_after_a_merge_finds_no_difference
        flows/test_merging.py::test_edge_20_applying_every_object_anew_tears_nothing_apart
        flows/test_merging.py::test_edge_20_signing_in_by_either_address_leads_to_the_kept_record
        flows/test_merging.py::test_edge_20_two_supports_of_one_person_are_put_before_staff_and_member
    """,
    21: """
        flows/test_address.py::test_edge_21_nothing_changes_before_it_is_confirmed_from_there
        flows/test_address.py::test_edge_21_then_it_is_changed_here_and_at_stripe_and_the_old_one_is_told
        web/test_person_pages.py::test_edge_21_another_address_is_asked_for_and_confirmed_from_there
        journeys/test_person.py::test_edge_21_another_address_from_the_wish_to_the_old_one_told
    """,
    22: """
        web/test_address_link.py::test_edge_22_opening_the_link_changes_nothing
        web/test_reader_sign_in.py::test_a_link_signs_in_once_by_its_button
        web/test_member_mails.py::test_opening_the_link_changes_nothing_and_its_button_can_be_taken_back
        web/test_reminder_pages.py::test_opening_the_link_changes_nothing_and_the_button_confirms
        web/test_reader_resume.py::test_opening_the_link_changes_nothing_and_asks_stripe_nothing
        web/test_manage_pages.py::test_opening_a_link_changes_nothing_and_asks_stripe_nothing
        web/test_manage_pages.py::test_a_mail_scanner_that_follows_every_link_of_every_mail_does_no_harm
        web/test_receipt_pages.py::test_looking_at_an_old_link_mails_nothing
    """,
    23: """
        web/test_sign_in_privacy.py::test_500_known_and_500_unknown_addresses_cannot_be_told_apart
        web/test_sign_in_privacy.py::test_a_wrong_code_is_answered_the_same_for_known_and_unknown_addresses
        web/test_reader_sign_in.py::test_counting_adds_no_row_and_changes_only_cells
        web/test_reader_sign_in.py::test_nothing_of_it_is_logged
    """,
    24: """
        web/test_names.py::test_edge_24_a_name_comes_whole_from_the_form_to_record_mail_receipt_and_file
        web/test_names.py::test_edge_24_a_name_over_the_longest_comes_back_with_what_to_do
        web/test_names.py::test_edge_24_a_postal_code_that_stripe_knows_changes_nothing_and_is_kept_nowhere
        web/test_notes_pages.py::test_edge_24_names_of_every_script_are_shown_as_they_were_written
        flows/test_vault_rows.py::test_a_name_is_kept_as_it_was_given
        flows/test_mail.py::test_every_name_reaches_its_mailbox
        unit/test_receipt_pdf.py::test_a_name_is_printed_in_its_own_script
        unit/test_receipt_pdf.py::test_a_right_to_left_name_keeps_its_letters_and_its_neighbours
        unit/test_receipt_pdf.py::test_no_name_breaks_a_receipt_or_takes_it_to_a_second_page
    """,
    25: """
        web/test_names.py::test_edge_25_a_formula_is_text_in_every_file_that_leaves_the_desk
        web/test_names.py::test_edge_25_a_formula_is_text_in_the_file_of_all_data_and_on_a_statement
        web/test_notes_pages.py::test_edge_25_a_formula_stays_text_in_every_file
        web/test_exports.py::test_a_formula_in_a_cell_is_text
        unit/test_receipt_pdf.py::test_markup_and_formulas_in_a_name_are_printed_as_typed
    """,
    26: """
        flows/test_erasing.py::test_edge_26_who_is_erased_while_subscribed_is_never_charged_again
        flows/test_erasing.py::test_edge_26_a_refund_on_its_way_is_booked_and_has_its_credit_note
        flows/test_statements.py::test_edge_26_after_an_erasure_the_statement_bears_the_code_alone
        flows/test_everything.py::test_edge_26_once_erased_the_file_holds_no_person
        web/test_person_pages.py::test_edge_26_a_member_is_forgotten_and_signed_out_everywhere
        journeys/test_person.py::test_edge_26_who_is_forgotten_is_told_first_what_is_kept
    """,
    27: """
        web/test_member_mails.py::test_unsubscribing_from_reminders_does_not_stop_receipts
        web/test_member_mails.py::test_receipts_carry_no_way_to_unsubscribe
    """,
    28: """
        faults/test_silence.py::test_edge_28_one_command_makes_up_for_silent_days
        flows/test_reconcile.py::test_forty_five_silent_days_are_made_up_for_by_one_sweep
    """,
    29: """
        faults/test_restored.py::test_edge_29_no_number_is_reused_and_no_mail_sent_twice
        faults/test_restored.py::test_edge_29_a_form_sent_before_the_backup_leads_to_no_second_charge
        faults/test_restored.py::test_edge_29_a_refund_that_was_only_asked_for_in_the_backup_is_made_once
    """,
    30: """
        faults/test_deaths.py::test_a_form_whose_process_died_leads_to_its_one_session
        faults/test_deaths.py::test_an_event_whose_process_died_is_stored_by_the_next_delivery
        faults/test_deaths.py::test_a_sync_that_died_is_done_by_the_next_worker
        faults/test_deaths.py::test_a_mail_whose_sender_died_goes_out_under_the_same_id
        faults/test_deaths_of_asks.py::test_a_refund_whose_process_died_is_made_once
        faults/test_deaths_of_asks.py::test_a_change_of_amount_whose_process_died_is_made_once
        faults/test_deaths_of_asks.py::test_an_end_whose_process_died_comes_once
        faults/test_deaths_of_workers.py::test_a_renewal_whose_worker_died_is_recorded_once
        faults/test_deaths_of_workers.py::test_a_sign_up_whose_worker_died_is_recorded_once
    """,
    31: """
        web/test_webhooks.py::test_an_unknown_type_with_unknown_fields_is_stored_and_harmless
        unit/test_webhook_signature.py::test_unknown_types_fields_and_versions_are_let_in
    """,
    32: """
        web/test_webhooks.py::test_two_secrets_hold_at_once_while_one_replaces_the_other
        web/test_key_rotation.py::test_edge_32_a_link_signed_by_the_old_key_opens_while_that_key_is_listed
        unit/test_settings.py::test_keys_rotate_by_a_comma_list_of_which_the_first_is_used
        cli/test_commands.py::test_after_rotation_the_old_vault_key_can_go
    """,
}
"""By its number in the list of edge cases: money is 1 to 6, billing 7 to 19, people 20 to 27, operations
28 to 32."""
EVERY_EDGE = list(range(1, 33))


@cache
def names_in(path: str) -> frozenset[str]:
    """Return the names of the test functions in a file."""
    tree = ast.parse((ROOT / "tests" / path).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_edge_case_has_its_place_in_this_table() -> None:
    assert list(EDGES) == EVERY_EDGE


@pytest.mark.parametrize("number", EDGES)
def test_the_tests_named_for_an_edge_case_are_there(number: int) -> None:
    named = EDGES[number].split()

    assert named
    for one in named:
        path, _, name = one.partition("::")
        assert name in names_in(path), f"edge {number}: there is no {one}"
