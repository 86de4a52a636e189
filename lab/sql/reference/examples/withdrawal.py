"""The right of withdrawal."""

from lab.rules.functions.withdrawal import (
    confirm_waiver,
    confirm_withdrawal,
    record_waiver,
    record_withdrawal,
    state_withdrawal,
)
from lab.rules.roles import authenticated, service_role
from lab.sql.reference.example import Example, Topic, Varies
from lab.sql.reference.sample import id_of

_CONFIRMATION = Varies(shown="Confirmation of your order …")
_ACKNOWLEDGEMENT = Varies(shown="Acknowledgement of your withdrawal …")
_WAIVED = "select public.record_waiver('${new_order}', '${notice_of_waiver}')"
_STATED = "insert into public.withdrawals (purchase_id, subject_id) values ('${purchase}', '${ada}')"

WITHDRAWAL = Topic(
    id="withdrawal",
    title="The right of withdrawal",
    intro="A consumer in the EU may withdraw within 14 days, unless they agreed to a waiver before the payment. Each "
    "step is recorded once, and its text is kept.",
    examples=(
        Example(
            function=record_waiver,
            role=service_role,
            arguments={"order_id": id_of("new_order"), "notice_id": id_of("notice_of_waiver")},
            answer=Varies(shown="1d0c43c8-33a5-4ea2-9a43-5f1b2dcb70a4"),
            step="The buyer ticks the box before the payment.",
        ),
        Example(
            function=confirm_waiver,
            role=service_role,
            before=(_WAIVED,),
            arguments={"order_id": id_of("new_order")},
            answer=_CONFIRMATION,
            step="Give the text to the buyer before the payment, as a file or an e-mail.",
        ),
        Example(
            function=state_withdrawal,
            role=authenticated,
            arguments={"purchase_id": id_of("purchase")},
            answer=Varies(shown="2026-11-30T14:00:00+00:00"),
            step="The button “Withdraw from contract here”.",
        ),
        Example(
            function=confirm_withdrawal,
            role=authenticated,
            before=(_STATED,),
            arguments={"purchase_id": id_of("purchase")},
            answer=_ACKNOWLEDGEMENT,
            step="The button “Confirm withdrawal”. Give the text to the buyer.",
        ),
        Example(
            function=record_withdrawal,
            role=service_role,
            before=(_STATED,),
            arguments={"purchase_id": id_of("purchase"), "buyer": id_of("ada"), "confirmed": True},
            answer=_ACKNOWLEDGEMENT,
            step="For a guest, `buyer` is null, and the server has verified who asks.",
            nothing_because="`confirmed` is false",
        ),
    ),
)
