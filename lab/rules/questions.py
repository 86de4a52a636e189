"""Further queries that prove chapters: which tables and functions a role can use."""

from lab.rules.model import Question

operator_reaches_tables = Question(
    id="operator_reaches_tables",
    title="The operator's role has no privilege on a table.",
    why="Operators read views. A privilege on a table would show more than operational and financial fields.",
)
ai_reaches_more = Question(
    id="ai_reaches_more",
    title="The AI's role can use only the brief of its run and the function that writes the output.",
    why="The AI's role reads its brief, which includes a consent check by its own token, and calls the function that writes the output. It has no other privilege in our schemas and can call no other privileged function there.",
)

QUESTIONS = (operator_reaches_tables, ai_reaches_more)
