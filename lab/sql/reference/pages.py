"""Writes the reference's pages as Markdown: one for each topic of functions, one for the tables, and the list. Pure."""

from collections.abc import Iterator, Sequence

from lab.rules import RULES
from lab.rules.model import Argument, Function, Role
from lab.sql.reference.calls import CLIENTS, returns_rows, row_columns, write_javascript, write_object, write_sql
from lab.sql.reference.errors import Failure, list_failures, list_written
from lab.sql.reference.example import Example, Topic, show
from lab.sql.reference.limits import Limit, find_limit, may_be_null
from lab.sql.reference.table_pages import write_tables
from lab.sql.reference.typescript import MADE, write_examples, write_types

_MADE = f"<!-- {MADE} -->"

_INTRO = """
What a site and its server call in the database, and what a signed-in person reads. Every function, argument, limit and
error here is read from the rules and from the SQL that they write.

- Functions: the pages below. Tables: [Tables](tables.md).
- Types for TypeScript: [database.types.ts](database.types.ts), in the shape of `supabase gen types typescript`. Copy
  the file into your project and write `createClient<Database>(url, key)`.
- Every example as a file: [examples.ts](examples.ts).

Each example is one declaration, from which its SQL and its supabase-js are written. The tests run the SQL against the
embedded database as the role that the example names, and roll it back. They check the supabase-js against the types
with `tsc --strict`. They do not send it, because PostgREST, which serves the Data API, is not part of this project. The
HTTP statuses below are those of its documentation.

## Clients

| client in the examples | role | made with |
|---|---|---|
| `visitor` | `anon` | the publishable key, without a session |
| `person` | `authenticated` | the publishable key and the session of a person, also of an anonymous sign-in |
| `server` | `service_role` | the secret key; only on the server |
| `ai` | `ai_worker` | a token that names this role; for the process that calls the AI |

In SQL, a connection as `authenticator` or `postgres` becomes a role for one transaction:

```sql
begin;
set local role authenticated;
select set_config('request.jwt.claims', '{"role": "authenticated", "sub": "PERSON"}', true);
-- the call
commit;
```

## Values

| Postgres | JSON and TypeScript |
|---|---|
| `uuid`, `text` | a string |
| `timestamptz` | a string in ISO 8601, such as `2026-11-30T14:00:00Z` |
| `bytea` | a string: `\\x` and two hexadecimal digits for each byte |
| `bigint`, `integer`, `smallint` | a number |
| `text[]`, `integer[]` | an array |
| `jsonb` | any JSON |

Amounts are in the currency's smallest unit: 4900 is 49.00 EUR.

## Errors of every call

An error has `code` (the SQLSTATE), `message` and `hint` (the next step). No error quotes a row or a private text. The
pages list the errors that are a function's own. These can come from any call:

| SQLSTATE | HTTP | when | next step |
|---|---|---|---|
| `42501` | 401 without a session, else 403 | the role may not call it | Use the client of a role on the page. |
| `PGRST202` | 404 | no function has this name with these arguments | Compare the names with the page. |
| `22P02` | 400 | an argument has another form than its type | Pass a value of the type. |
| `2201W` | 400 | a number is negative | Pass 0 or more. |
| `22007`, `22008` | 400 | a date has another form, or does not exist | Pass ISO 8601. |
| `23502` | 400 | a value is missing; the error names the column | Pass it. |
| `23503` | 409 | an id leads to no row | Pass the id of a row that exists. |
| `23505` | 409 | a row with this key exists | Read it, or use another key. |
| `23514` | 400 | a value breaks a constraint, which the error names | Follow the hint. |
| `40001` | 500 | another transaction decided meanwhile | Run the whole transaction again. |
| `55P03`, `57014` | 500 | a lock or the answer took too long | Try again. |

Other statuses: `P0002` and `22023` answer 400, `55000` answers 500 and `42501` answers 403, or 401 without a session.
Source: https://docs.postgrest.org/en/latest/references/errors.html.
"""


_NEXT_STEPS = {
    "22023": "Pass what the table of arguments lists.",
    "23502": "Pass it.",
    "42501": "Leave it to the database.",
}
"""What to do about an error whose message says it, by its SQLSTATE."""


def write_pages(topics: Sequence[Topic]) -> dict[str, str]:
    """Return every file of the reference by its name."""
    pages = {f"{topic.id}.md": _write_topic(topic) for topic in topics}
    types = {"database.types.ts": write_types(topics), "examples.ts": write_examples(topics)}
    return {"README.md": _write_list(topics), **pages, "tables.md": write_tables(_MADE), **types}


def _write_list(topics: Sequence[Topic]) -> str:
    lines = ["# Reference for developers of a site", "", _MADE, _INTRO, "## Functions", ""]
    for topic in topics:
        lines += [f"### [{topic.title}]({topic.id}.md)", "", "| function | called by | does |", "|---|---|---|"]
        lines += [_write_row(topic, example) for example in topic.examples] + [""]
    return "\n".join([*lines, *_write_inner()]).rstrip() + "\n"


def _write_row(topic: Topic, example: Example) -> str:
    one = example.function
    return f"| [`{one.id}`]({topic.id}.md#{one.id}) | {_name_roles(one.execute)} | {cell(one.why)} |"


def _write_inner() -> Iterator[str]:
    """Yield the functions that only SQL reaches, because the Data API does not expose their schema."""
    found = [one for one in RULES.functions if one.db_schema == "wall" and one.execute and one.returns != "trigger"]
    yield from ("## Only in SQL", "")
    yield "The Data API does not expose the schema `wall`. Constraints, policies and public functions use these with"
    yield from ("the rights of their caller, so the roles may execute them.", "")
    yield from ("| function | role | does |", "|---|---|---|")
    yield from (f"| `{cell(one.signature)}` | {_name_roles(one.execute)} | {cell(one.why)} |" for one in found)


def _write_topic(topic: Topic) -> str:
    listed = [f"- [`{one.function.id}`](#{one.function.id})" for one in topic.examples]
    lines = [f"# {topic.title}", "", _MADE, "", topic.intro, "", *listed, ""]
    lines += [line for example in topic.examples for line in _write_function(example)]
    return "\n".join(lines).rstrip() + "\n"


def _write_function(example: Example) -> Iterator[str]:
    one = example.function
    yield from (f"## {one.id}", "", one.why, "")
    yield from (f"**Called by:** {_name_roles(one.execute)}. **Returns:** {_describe_return(example)}", "")
    if one.exposed_because:
        yield from (one.exposed_because, "")
    if one.arguments:
        yield from ("| argument | type | what it is | accepts |", "|---|---|---|---|")
        yield from (_write_argument(one, argument) for argument in one.arguments)
        yield ""
    yield from _write_words(example)
    yield from _write_example(example)
    yield from _write_failures(one)


def _write_words(example: Example) -> Iterator[str]:
    """Yield what each text means that a function returns."""
    if example.words:
        yield from (f"| {example.words_in or 'answer'} | means |", "|---|---|")
        yield from (f"| `{word}` | {cell(meaning)} |" for word, meaning in example.words.items())
        yield ""


def _describe_return(example: Example) -> str:
    one = example.function
    if columns := row_columns(one):
        told = "rows of " + ", ".join(f"`{name}` ({type})" for name, type in columns)
    else:
        told = f"rows of `{one.returns.removeprefix('setof ')}`" if returns_rows(one) else f"`{one.returns}`"
    nothing = "no row" if returns_rows(one) else "null"
    return f"{told}; {nothing} when {example.nothing_because}." if example.nothing_because else f"{told}."


def _write_argument(function: Function, one: Argument) -> str:
    default = "required" if one.default is None else f"default `{one.default}`"
    limit = describe_limit(find_limit(function, one))
    null = "or null" if may_be_null(one) and one.default != "null" else ""
    accepts = " ".join(part for part in (f"{default}{', ' * bool(null)}{null}.", limit) if part)
    return f"| `{one.name}` | `{one.type}` | {cell(one.description)} | {cell(accepts[0].upper() + accepts[1:])} |"


def describe_limit(limit: Limit) -> str:
    """Return what an argument accepts, in words."""
    parts = [f"One of {', '.join(f'`{value}`' for value in limit.values)}."] if limit.values else []
    if limit.least is not None or limit.most is not None:
        reach = (limit.least, limit.most)
        told = f"{reach[0]:,} or more" if limit.most is None else f"{limit.least:,} to {limit.most:,}"
        parts.append(f"{told}{f' {limit.unit}' if limit.unit else ''}.")
    elif limit.unit:
        parts.append(f"In {limit.unit}.")
    parts += [f"Matches `{limit.form}`."] if limit.form else []
    return " ".join([*parts, *([limit.words] if limit.words else [])])


def _write_example(example: Example) -> Iterator[str]:
    who = example.person.capitalize() if CLIENTS[example.role.id] == "person" else ""
    signed = f", signed in as {who}" if who else ""
    yield from (f"As `{example.role.id}`{signed}. {example.step}".rstrip(), "")
    yield from ("```sql", write_sql(example), "```", "")
    yield from ("```ts", write_javascript(example), f"// {_show_answer(example)}", "```", "")


def _show_answer(example: Example) -> str:
    """Return the answer as a comment of one or several lines."""
    answer = show(example.answer)
    if isinstance(answer, list) and answer and isinstance(answer[0], dict):
        rows = [f"//   {line}" for row in answer for line in write_object(row).splitlines()]
        return "\n".join(["data: [", *(f"{line}," if line.endswith("}") else line for line in rows), "// ]"])
    return f"data: {write_object(answer)}".replace("\n", "\n// ")


def _write_failures(function: Function) -> Iterator[str]:
    found, written = list_failures(function), list_written(function)
    if found:
        yield from ("| SQLSTATE | when | next step |", "|---|---|---|", *map(_write_failure, found), "")
    if written:
        yield from (f"It writes to {', '.join(f'`{name}`' for name in written)}, whose constraints hold.", "")


def _write_failure(one: Failure) -> str:
    return f"| `{one.code}` | {cell(one.message)} | {cell(one.hint or _NEXT_STEPS[one.code])} |"


def _name_roles(roles: Sequence[Role]) -> str:
    return ", ".join(f"`{role.id}`" for role in roles)


def cell(text: str) -> str:
    """Return a text for one cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")
