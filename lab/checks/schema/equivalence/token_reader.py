"""Walks over the tokens of an expression."""

from lab.checks.schema.equivalence.nodes import Unreadable
from lab.sql.tokens import Token


class TokenReader:
    """Walks over tokens.

    Attributes:
        tokens: The tokens.
        place: The index of the next one.
    """

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens, self.place = tokens, 0

    def looks_at(self, *texts: str) -> bool:
        """Tell whether these words, marks or operators are next."""
        ahead = self.tokens[self.place : self.place + len(texts)]
        return len(ahead) == len(texts) and all(
            token.text == text and token.form in ("word", "mark", "operator", "number")
            for token, text in zip(ahead, texts, strict=True)
        )

    def take(self, *texts: str) -> bool:
        """Step over these, if they are next."""
        found = self.looks_at(*texts)
        self.place += len(texts) if found else 0
        return found

    def need(self, *texts: str) -> None:
        """Step over these.

        Raises:
            Unreadable: Something else is next.
        """
        if not self.take(*texts):
            raise Unreadable(f"something else than {' '.join(texts)}")

    def next_token(self) -> Token:
        """Step over the next token, and return it.

        Raises:
            Unreadable: There is none.
        """
        if self.place >= len(self.tokens):
            raise Unreadable("an end too early")
        self.place += 1
        return self.tokens[self.place - 1]

    def operator(self) -> str:
        """Return the next operator, or nothing."""
        token = self.tokens[self.place] if self.place < len(self.tokens) else Token("", "")
        return token.text if token.form == "operator" and token.text != "::" else ""
