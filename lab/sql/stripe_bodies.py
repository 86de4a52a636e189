"""Function bodies that decide which parts of a Stripe event are kept, written from the list of keys and words."""

from collections.abc import Iterator

from lab.rules.derived import quote
from lab.rules.model import PayloadField
from lab.rules.stripe_payload import EVENT_ENDINGS, EVENT_FAMILIES, EVENT_FIELDS, EVENT_PARTS, OBJECT_FIELDS

UNKNOWN_TYPE = "unknown"
MOST_BYTES = 8192
MOST_NODES = 400  # keys and elements in all; an event of ten items has about a hundred


def stripe_type_body() -> str:
    """Return the body that keeps a type that consists of Stripe's words, and replaces any other."""
    return f"select case when type ~ {quote(known_type())} then type else {quote(UNKNOWN_TYPE)} end"


def known_type() -> str:
    """Return the pattern of a type that consists of Stripe's words."""
    families, parts, endings = ("|".join(words) for words in (EVENT_FAMILIES, EVENT_PARTS, EVENT_ENDINGS))
    return f"^(?:{families})(?:[.](?:{parts}))?[.](?:{endings})$"


def stripe_payload_body() -> str:
    """Return the body that walks a payload and looks every key up."""
    rows = ",\n         ".join(
        f"({quote(path)}, {quote(field.kind)}, {quote(field.form or '')})" for path, field in _listed()
    )
    return _WALK.format(rows=rows, bytes=MOST_BYTES, nodes=MOST_NODES)


def _listed() -> Iterator[tuple[str, PayloadField]]:
    """Yield each path: an event's own, and an object's at the top and inside the event."""
    for field in (*EVENT_FIELDS, *OBJECT_FIELDS):
        yield f".{field.path}", field
    for field in OBJECT_FIELDS:
        yield f".data.object.{field.path}", field


_WALK = """-- Keys are checked by their path: an unlisted key is refused, and so is a value without its form.
with recursive node (path, value) as (
  select '', payload
  union all
  select n.path || c.step, c.value
    from node n
   cross join lateral (
         select case when e.key ~ '^[a-z_]{{1,40}}$' then '.' || e.key else '?' end as step, e.value
           from jsonb_each(case when jsonb_typeof(n.value) = 'object' then n.value else '{{}}' end) as e
          union all
         select '[]', a.value
           from jsonb_array_elements(case when jsonb_typeof(n.value) = 'array' then n.value else '[]' end) as a
         ) as c
)
select jsonb_typeof(payload) = 'object'
   and octet_length(payload::text) <= {bytes}
   and (select count(*) <= {nodes}
           and bool_and(case
                 when n.path = '' then true
                 when l.path is null then false
                 when jsonb_typeof(n.value) = 'null' then true
                 when l.kind = 'type' then jsonb_typeof(n.value) = 'string'
                                           and n.value #>> '{{}}' = wall.stripe_type(n.value #>> '{{}}')
                 else jsonb_typeof(n.value) = l.kind
                      and (l.form = '' or n.value #>> '{{}}' ~ l.form)
               end)
          from node n
          left join (values
         {rows}
         ) as l (path, kind, form) on l.path = n.path)"""
