"""What chapters ask a database beside the invariants of its rows: how far roles reach."""

from lab.rules.model import Question

operator_reaches_tables = Question(
    id="operator_reaches_tables",
    title="The operator's role reaches no table directly.",
    why="Operators read their views; a privilege on a table itself would show more than operational fields.",
)
ai_reaches_more = Question(
    id="ai_reaches_more",
    title="The AI's role reaches nothing but the brief of its run and the function that writes it.",
    why="The AI's role reads its brief, for which it asks whether its own token's person allows that, and calls the "
    "function that writes. Nothing else in our schemas is granted to it, and no other function there that runs with "
    "its owner's rights can be called by it.",
)

QUESTIONS = (operator_reaches_tables, ai_reaches_more)
