"""The normal form of a condition: parts joined by `and` and `or`, without order and without needless brackets."""

from collections.abc import Iterator

from lab.sql.tokens import Token, same_text, take_apart

Form = tuple[str, frozenset["Form"]] | tuple[Token, ...]

_OPENING, _CLOSING = {"(", "[", "case"}, {")", "]", "end"}


def same_condition(one: str, other: str) -> bool:
    """Tell whether two conditions differ only in the order of their joined parts, and in brackets."""
    return same_text(one, other) or _form(take_apart(one)) == _form(take_apart(other))


def same_query(one: str, other: str) -> bool:
    """Tell whether two simple queries differ only in the form of their last condition."""
    (head, condition), (other_head, other_condition) = split_where(one), split_where(other)
    return head == other_head and _form(condition) == _form(other_condition)


def split_where(query: str) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    """Split a simple query at its only condition; the condition is empty when there are several."""
    tokens = tuple(token for token in take_apart(query) if token.text != ";")
    places = [place for place, depth in _depths(tokens) if depth == 0 and tokens[place].text == "where"]
    rest = {"group", "order", "limit", "union", "having", "window", "except", "intersect", "offset", "fetch", "for"}
    tail = tokens[places[-1] :] if places else ()
    if len(places) != 1 or any(token.text in rest for token in tail):
        return tokens, ()
    return tokens[: places[0]], tokens[places[0] + 1 :]


def _depths(tokens: tuple[Token, ...]) -> Iterator[tuple[int, int]]:
    """Yield each token's place and its depth in brackets."""
    depth = 0
    for place, token in enumerate(tokens):
        if token.form in ("mark", "word") and token.text in _CLOSING:
            depth -= 1
        yield place, depth
        if token.form in ("mark", "word") and token.text in _OPENING:
            depth += 1


def _form(tokens: tuple[Token, ...]) -> Form:
    tokens = _without_brackets(tokens)
    if tokens[:1] == (Token("word", "select"),):
        return tokens  # `and` inside a query's condition joins nothing outside of it
    for word in ("or", "and"):
        parts = _split(tokens, word)
        if len(parts) > 1:
            forms = [_form(part) for part in parts]
            return word, frozenset(inner for form in forms for inner in _inner(form, word))
    return tokens


def _inner(form: Form, word: str) -> tuple[Form, ...]:
    """Return the parts of a nested join by the same word: a or (b or c) is a or b or c."""
    if len(form) == 2 and form[0] == word and isinstance(form[1], frozenset):
        return tuple(form[1])
    return (form,)


def _split(tokens: tuple[Token, ...], word: str) -> list[tuple[Token, ...]]:
    parts, start = [], 0
    for place, depth in _depths(tokens):
        if depth == 0 and tokens[place] == Token("word", word):
            parts.append(tokens[start:place])
            start = place + 1
    return [*parts, tokens[start:]]


def _without_brackets(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Remove brackets around the whole."""
    while len(tokens) > 2 and tokens[0].text == "(" and _closes_at_end(tokens):
        tokens = tokens[1:-1]
    return tokens


def _closes_at_end(tokens: tuple[Token, ...]) -> bool:
    return all(depth > 0 for place, depth in _depths(tokens) if 0 < place < len(tokens) - 1)
