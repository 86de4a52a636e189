"""Function bodies of the AI's boundary, written from the rules: leases, schemas, and forbidden contents of answers."""

from collections.abc import Iterator

from lab.rules.ai import INVISIBLE, LEASE_SECONDS, LEASES
from lab.rules.derived import digest_expression, quote, quote_all, secret_texts
from lab.rules.model import Answer, AnswerList, AnswerText, Column, Table
from lab.rules.registry import Rules

_STRINGS = "jsonb_path_query(output, 'strict $.** ? (@.type() == \"string\")')"


def lease_ai_run_body(rules: Rules) -> str:
    """Return the body that leases a run: it returns a new token, a few times at most and within a limited time."""
    return _LEASE.replace("{seconds}", str(LEASE_SECONDS)).replace("{leases}", str(LEASES))


def fits_layer_body(rules: Rules) -> str:
    """Return the body that checks an answer against its layer's schema: exact keys, types and lengths."""
    cases = "\n".join(f"  when {quote(answer.id)} then {_answer_condition(answer)}" for answer in rules.answers)
    return f"select coalesce(case layer\n{cases}\n  end, false)"


def _answer_condition(answer: Answer) -> str:
    parts = [
        _entries_condition(part) if isinstance(part, AnswerList) else _text_condition("output", part)
        for part in answer.parts
    ]
    return _object_condition("output", [part.name for part in answer.parts], parts)


def _object_condition(value: str, names: list[str], parts: list[str]) -> str:
    """Return the condition on an object; `case` fixes the order, because only an object has keys."""
    keys = f"array[{', '.join(quote(name) for name in names)}]"
    inside = "\n         and ".join([f"{value} ?& {keys}", f"{value} - {keys} = '{{}}'", *parts])
    return f"case when jsonb_typeof({value}) = 'object' then\n         {inside}\n       else false end"


def _text_condition(value: str, words: AnswerText) -> str:
    name = quote(words.name)
    return (
        f"jsonb_typeof({value} -> {name}) = 'string'"
        f" and char_length({value} ->> {name}) between 1 and {words.most}"
        f" and {value} ->> {name} ~ '\\S'"
    )


def _entries_condition(entries: AnswerList) -> str:
    name, texts = quote(entries.name), [_text_condition("e.value", words) for words in entries.texts]
    fits = _object_condition("e.value", [words.name for words in entries.texts], texts)
    return (
        f"case when jsonb_typeof(output -> {name}) = 'array' then\n"
        f"           jsonb_array_length(output -> {name}) between 1 and {entries.most}\n"
        f"           and not exists (select from jsonb_array_elements(output -> {name}) as e (value)\n"
        f"                            where not ({fits}))\n"
        f"         else false end"
    )


def forbidden_words_body(rules: Rules) -> str:
    """Return the body that names the first forbidden content of an answer, as written or in Unicode's NFKC form."""
    patterns = ",\n".join(
        f"    ({place}, {quote(one.title)}, {quote(one.pattern)})" for place, one in enumerate(rules.forbidden)
    )
    return (
        "select f.title\n"
        f"  from {_STRINGS} as s (value), (values\n{patterns}\n  ) as f (place, title, pattern)\n"
        " where s.value #>> '{}' ~ f.pattern or normalize(s.value #>> '{}', nfkc) ~ f.pattern\n"
        " order by f.place limit 1"
    )


def word_digests_body(rules: Rules) -> str:
    """Return the body that digests every eight words in a row of a text, or a shorter text as a whole."""
    return _DIGESTS.replace("{invisible}", INVISIBLE)


def repeats_others_body(rules: Rules) -> str:
    """Return the body that looks for other people's words in an answer, by the indexes over their digests."""
    return _REPEATS.format(
        strings=_STRINGS,
        own="\n    except\n    ".join(_own(rules)),
        others="\n      or ".join(_others(rules)),
    )


def _own(rules: Rules) -> Iterator[str]:
    for table, column in secret_texts(rules.tables):
        digests = digest_expression(column, every=True, of="t.")
        person = f"t.subject_id = repeats_others.person{_given(table, column)}"
        yield f"select unnest({digests}) from {table.qualified} t where {person}"


def _given(table: Table, column: Column) -> str:
    """Return the condition that the person was given a column's text, in the states of the row that say so."""
    return f" and t.{table.state.name} in ({quote_all(column.given_in)})" if table.state and column.given_in else ""


def _others(rules: Rules) -> Iterator[str]:
    for table, column in secret_texts(rules.tables):
        digests = digest_expression(column, every=False, of="t.")
        person = "t.subject_id <> repeats_others.person"
        yield f"exists (select from {table.qualified} t where {digests} && found and {person})"


_LEASE = """-- The token is returned once, and only its hash is stored. A new lease makes the old token invalid.
-- Pass the token as a parameter, never inside a statement: sessions of one login can read each other's statements.
#variable_conflict use_column
declare
  token text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  leased uuid;
begin
  if coalesce(lease_seconds, 0) not between 1 and {seconds} then
    raise exception 'a lease lasts 1 to {seconds} seconds' using errcode = '22023';
  end if;
  update public.ai_runs r
     set token_sha256 = sha256(convert_to(token, 'UTF8')),
         leases = r.leases + 1,
         leased_at = coalesce(r.leased_at, clock_timestamp()),
         lease_until = least(clock_timestamp() + make_interval(secs => lease_ai_run.lease_seconds),
                             coalesce(r.leased_at, clock_timestamp()) + interval '{seconds} seconds')
   where r.id = lease_ai_run.run_id
     and r.status = 'requested'
     and r.leases < {leases}
     and coalesce(r.leased_at, clock_timestamp()) + interval '{seconds} seconds' > clock_timestamp()
  returning r.id into leased;
  if leased is null then
    raise exception 'this run cannot be leased'
      using errcode = '55000', hint = 'It is closed, or its leases are used up. Discard it and request another one.';
  end if;
  return token;
end"""

_DIGESTS = """-- Words are compared without case, accents, punctuation and invisible characters. In scripts without
-- spaces each character counts as a word. The digests have 64 bits, and an index stores nothing else of the words.
declare
  parts text[] := array_remove(regexp_split_to_array(
    regexp_replace(
      regexp_replace(lower(normalize(words, nfkd)), '[\\u0300-\\u036f{invisible}]', '', 'g'),
      '([\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\U00020000-\\U0003ffff])',
      ' \\1 ', 'g'),
    '[\\u0001-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00bf\\u00d7\\u00f7\\u2010-\\u2bff\\u2e00-\\u2e7f\\u3000-\\u303f]+'),
    '');
  total integer := cardinality(parts);
begin
  return array(
    select distinct ('x' || encode(substr(sha256(convert_to(r.run, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint
      from (select p.place, p.a,
                   lead(p.a, 1) over o as b, lead(p.a, 2) over o as c, lead(p.a, 3) over o as d,
                   lead(p.a, 4) over o as e, lead(p.a, 5) over o as f,
                   lead(p.a, 6) over o as g, lead(p.a, 7) over o as h
              from unnest(parts) with ordinality as p (a, place)
            window o as (order by p.place)) w,
           lateral (values (4, concat_ws(' ', a, b, c, d)), (5, concat_ws(' ', a, b, c, d, e)),
                           (6, concat_ws(' ', a, b, c, d, e, f)), (7, concat_ws(' ', a, b, c, d, e, f, g)),
                           (8, concat_ws(' ', a, b, c, d, e, f, g, h))) as r (size, run)
     where w.place + r.size - 1 <= total
       and (r.size = 8 or every or total = r.size)
       and char_length(r.run) >= 12);
end"""

_REPEATS = """-- An answer may repeat the person's own questions and readings, but not another person's.
declare
  found bigint[] := wall.word_digests((select string_agg(s.value #>> '{{}}', ' ') from {strings} as s (value)), true);
begin
  found := array(
    select unnest(found)
    except
    {own});
  return {others};
end"""
