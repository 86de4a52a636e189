"""Products and prices. A price's amount never changes: another amount is another price."""

from lab.services.local_stripe.errors import ApiError, Thing, invalid_parameter
from lab.services.local_stripe.operations import Operation, listing, retrieve
from lab.services.local_stripe.parameters import (
    Reader,
    flag,
    group,
    many,
    merge_metadata,
    metadata,
    one_of,
    text,
    whole,
)
from lab.services.local_stripe.store import Store

_PRODUCT: dict[str, Reader] = {
    "name": text, "active": flag, "description": text, "images": many(text, 8), "metadata": metadata,
    "shippable": flag, "statement_descriptor": text, "tax_code": text, "unit_label": text, "url": text,
}  # fmt: skip
_RECURRING = group({"interval": one_of("day", "week", "month", "year"), "interval_count": whole(1, 365)}, ("interval",))
_DEFAULT_PRICE = group({"currency": text, "unit_amount": whole(), "metadata": metadata}, ("currency", "unit_amount"))
_TAX_BEHAVIOR = one_of("exclusive", "inclusive", "unspecified")
_PRICE_UPDATE: dict[str, Reader] = {
    "active": flag, "nickname": text, "metadata": metadata, "lookup_key": text, "transfer_lookup_key": flag,
    "tax_behavior": _TAX_BEHAVIOR,
}  # fmt: skip
PRODUCT_DATA = group({"name": text, "description": text, "metadata": metadata}, ("name",))
_PRICE: dict[str, Reader] = {
    **_PRICE_UPDATE, "product": text, "product_data": PRODUCT_DATA, "unit_amount": whole(), "currency": text,
    "recurring": _RECURRING,
}  # fmt: skip


def create_product(store: Store, params: Thing, id: str = "") -> Thing:
    """Make a product, and with `default_price_data` its price."""
    given = {key: value for key, value in params.items() if key not in ("id", "expand", "metadata")}
    price = given.pop("default_price_data", None)
    if params.get("id") in store.objects["products"]:
        raise invalid_parameter("id", f"Product already exists: {params['id']}", "resource_already_exists")
    fields: Thing = {
        "active": True, "default_price": None, "description": None, "images": [], "marketing_features": [],
        "metadata": merge_metadata({}, params.get("metadata") or {}), "package_dimensions": None, "shippable": None,
        "statement_descriptor": None, "tax_code": None, "type": "service", "unit_label": None, "updated": store.now(),
        "url": None, **given,
    }  # fmt: skip
    made = store.add("products", params.get("id"), **fields)
    store.emit("product.created", made)
    if price:
        made["default_price"] = create_price(store, {**price, "product": made["id"]})["id"]
        store.emit("product.updated", made, {"default_price": None})
    return made


def update_product(store: Store, params: Thing, id: str) -> Thing:
    """Change what may change in a product."""
    product = store.get("products", id)
    if params.get("default_price"):
        store.get("prices", params["default_price"], "default_price")
    with store.change(product, "product.updated"):
        apply_update(product, params)
        product["updated"] = store.now()
    return product


def apply_update(thing: Thing, params: Thing) -> None:
    """Write parameters into an object's fields; metadata is merged."""
    for name, value in params.items():
        if name != "expand":
            thing[name] = merge_metadata(thing[name], value) if name == "metadata" else value


def delete_product(store: Store, params: Thing, id: str) -> Thing:
    """Delete a product that has no price, as Stripe allows it."""
    product = store.get("products", id)
    if store.where("prices", product=id):
        raise ApiError(400, "This product cannot be deleted because it has one or more user-created prices.")
    del store.objects["products"][id]
    store.emit("product.deleted", product)
    return {"id": id, "object": "product", "deleted": True}


def create_price(store: Store, params: Thing, id: str = "") -> Thing:
    """Make a price of a product, or with `product_data` of a new one."""
    if params.get("product"):
        product = store.get("products", params["product"], "product")["id"]
    elif params.get("product_data"):
        product = create_product(store, params["product_data"])["id"]
    else:
        raise invalid_parameter("product", "You must provide product or product_data.", "parameter_missing")
    _release_lookup_key(store, params)
    recurring = params.get("recurring")
    fields: Thing = {
        "active": params.get("active", True), "billing_scheme": "per_unit", "custom_unit_amount": None,
        "currency": read_currency(params["currency"]), "lookup_key": params.get("lookup_key"),
        "metadata": merge_metadata({}, params.get("metadata") or {}), "nickname": params.get("nickname"),
        "product": product, "recurring": recurring and {"interval_count": 1, "usage_type": "licensed", **recurring},
        "tax_behavior": params.get("tax_behavior", "unspecified"), "tiers_mode": None, "transform_quantity": None,
        "type": "recurring" if recurring else "one_time", "unit_amount": params["unit_amount"],
        "unit_amount_decimal": str(params["unit_amount"]),
    }  # fmt: skip
    made = store.add("prices", **fields)
    store.emit("price.created", made)
    return made


def update_price(store: Store, params: Thing, id: str) -> Thing:
    """Change what may change in a price; its amount, currency and product are not among it."""
    price = store.get("prices", id)
    if params.get("lookup_key") != price["lookup_key"]:
        _release_lookup_key(store, params)
    with store.change(price, "price.updated"):
        apply_update(price, {name: value for name, value in params.items() if name != "transfer_lookup_key"})
    return price


def _release_lookup_key(store: Store, params: Thing) -> None:
    """Refuse a lookup key that another price has, unless it is to be transferred."""
    key = params.get("lookup_key")
    for other in store.where("prices", lookup_key=key) if key else ():
        if not params.get("transfer_lookup_key"):
            raise invalid_parameter("lookup_key", f"A price ({other['id']}) already uses that lookup key.")
        with store.change(other, "price.updated"):
            other["lookup_key"] = None


def read_currency(code: str) -> str:
    """Return a currency's code in lower case.

    Raises:
        ApiError: It has not three letters.
    """
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise invalid_parameter("currency", f"Invalid currency: {code[:10]}")
    return code.lower()


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/products",
        run=create_product,
        accepts={**_PRODUCT, "id": text, "default_price_data": _DEFAULT_PRICE},
        required=("name",),
    ),
    retrieve("products"),
    Operation(method="POST", path="/v1/products/{id}", run=update_product, accepts={**_PRODUCT, "default_price": text}),
    Operation(method="DELETE", path="/v1/products/{id}", run=delete_product),
    listing("products", active=flag, ids=many(text), url=text, shippable=flag),
    Operation(method="POST", path="/v1/prices", run=create_price, accepts=_PRICE, required=("currency", "unit_amount")),
    retrieve("prices"),
    Operation(method="POST", path="/v1/prices/{id}", run=update_price, accepts=_PRICE_UPDATE),
    listing("prices", active=flag, product=text, currency=text, type=text, lookup_keys=many(text, 10)),
)
