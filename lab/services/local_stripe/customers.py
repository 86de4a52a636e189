"""Customers. A deleted one leaves a stub, and keeps its payments."""

from typing import Any

from lab.services.local_stripe.catalogue import apply_update
from lab.services.local_stripe.errors import Thing, missing_object
from lab.services.local_stripe.operations import Operation, listing, retrieve
from lab.services.local_stripe.parameters import Reader, freeform, merge_metadata, metadata, text
from lab.services.local_stripe.store import Store

_FIELDS: dict[str, Reader] = {
    "email": text, "name": text, "phone": text, "description": text, "metadata": metadata, "address": freeform,
    "shipping": freeform,
}  # fmt: skip


def create_customer(store: Store, params: Thing, id: str = "") -> Thing:
    """Make a customer."""
    empty: dict[str, Any] = dict.fromkeys(
        ("address", "currency", "default_source", "description", "discount", "email", "name", "phone", "shipping")
    )
    given = {name: params.get(name) for name in _FIELDS if name != "metadata" and params.get(name)}
    made = store.add(
        "customers", **empty | given, balance=0, delinquent=False, invoice_prefix=store.draw_id("", 8).upper(),
        invoice_settings={"custom_fields": None, "default_payment_method": None, "footer": None,
                          "rendering_options": None},
        metadata=merge_metadata({}, params.get("metadata") or {}), preferred_locales=[], tax_exempt="none",
        test_clock=None,
    )  # fmt: skip
    store.emit("customer.created", made)
    return made


def get_customer(store: Store, id: str, param: str = "customer") -> Thing:
    """Return a customer that was not deleted.

    Raises:
        ApiError: There is none of that id.
    """
    found = store.get("customers", id, param)
    if "deleted" in found:
        raise missing_object("customer", id, param)
    return found


def _update(store: Store, params: Thing, id: str) -> Thing:
    customer = get_customer(store, id, "id")
    with store.change(customer, "customer.updated"):
        apply_update(customer, params)
    return customer


def _delete(store: Store, params: Thing, id: str) -> Thing:
    customer = get_customer(store, id, "id")
    store.emit("customer.deleted", customer)
    store.objects["customers"][id] = {"id": id, "object": "customer", "deleted": True}
    return store.objects["customers"][id]


OPERATIONS = (
    Operation(method="POST", path="/v1/customers", run=create_customer, accepts=_FIELDS),
    retrieve("customers"),
    Operation(method="POST", path="/v1/customers/{id}", run=_update, accepts=_FIELDS),
    Operation(method="DELETE", path="/v1/customers/{id}", run=_delete),
    listing("customers", email=text),
)
