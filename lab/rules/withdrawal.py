"""The right of withdrawal of EU consumers: its period, the labels of its button, and the approved texts.

Source: Directive 2011/83/EU on consumer rights, articles 8(7), 9, 11, 11a and 16(m), as Directives (EU) 2019/2161 and
(EU) 2023/2673 amended it.
"""

from datetime import timedelta

from lab.rules.model import Notice

PERIOD = timedelta(days=14)  # after the day of the contract. Source: article 9(1) and 9(2)(c)
ZONES = timedelta(hours=4)  # the Union's outermost regions are at most this far from UTC, in both directions

# The words of both steps. Source: article 11a(1) and 11a(3)
WITHDRAW_LABEL = "Withdraw from contract here"
CONFIRM_LABEL = "Confirm withdrawal"

# Who bought. A buyer of whom nothing is known has the right of a consumer in the Union.
BUYER_KINDS = ("eu_consumer", "elsewhere", "business", "unknown")
ENTITLED = ("eu_consumer", "unknown")

waiver = Notice(
    id="withdrawal_waiver",
    title="Waiver of the right of withdrawal",
    body="Start at once, during the 14 days in which I could withdraw. I know that I lose my right of withdrawal by this.",
    version=1,
    locale="en",
    source="Directive 2011/83/EU, article 16(m)(i) and (ii)",
)
waiver_confirmation = Notice(
    id="waiver_confirmation",
    title="Confirmation of the waiver",
    body=(
        "Confirmation of your order\n"
        "\n"
        "Order: {purchase}\n"
        "What you ordered: {title}\n"
        "Price: {amount}\n"
        "\n"
        "On {agreed} you agreed to this:\n"
        "\n"
        "{wording}\n"
        "\n"
        "The delivery begins when your payment arrives. From then on you have no right of withdrawal for this order.\n"
        "Keep this file.\n"
    ),
    version=1,
    locale="en",
    source="Directive 2011/83/EU, articles 8(7) and 16(m)(iii)",
)
withdrawal_statement = Notice(
    id="withdrawal_statement",
    title="Statement of withdrawal",
    body="I withdraw from the contract for this order.",
    version=1,
    locale="en",
    source="Directive 2011/83/EU, articles 11 and 11a(2), and annex I(B)",
)
withdrawal_acknowledgement = Notice(
    id="withdrawal_acknowledgement",
    title="Acknowledgement of the withdrawal",
    body=(
        "Acknowledgement of your withdrawal\n"
        "\n"
        "We received your withdrawal on {confirmed}. It says:\n"
        "\n"
        "{wording}\n"
        "\n"
        "Order: {purchase}\n"
        "What you ordered: {title}\n"
        "You paid: {amount}, on {paid}\n"
        "\n"
        "You get the payment back within 14 days of the withdrawal, by the means with which you paid, and at no cost.\n"
        "Keep this file.\n"
    ),
    version=1,
    locale="en",
    source="Directive 2011/83/EU, articles 11a(4) and 13(1)",
)

NOTICES = (waiver, waiver_confirmation, withdrawal_statement, withdrawal_acknowledgement)
