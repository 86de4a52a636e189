"""The product's Markdown is read into blocks for the typesetting engine, and no word is lost or becomes markup."""

import pytest

from lab.services.documents.blocks import read_blocks, read_spans

CASES = [
    ("# A", [{"kind": "heading", "level": 1, "spans": [{"style": "", "text": "A"}]}]),
    ("one\ntwo\n\nthree", [("paragraph", "one two"), ("paragraph", "three")]),
    ("- a\n- b", [{"kind": "list", "items": [[{"style": "", "text": "a"}], [{"style": "", "text": "b"}]]}]),
    ("> a\n> b", [("quote", "a b")]),
    ("text\n## head", [("paragraph", "text"), ("heading", "head")]),
    ("```sql\nselect 1;\n\n-- # no heading\n```", [{"kind": "code", "text": "select 1;\n\n-- # no heading"}]),
    ("````\n```\n````", [{"kind": "code", "text": "```"}]),
    ("```\nnever closed", [{"kind": "code", "text": "never closed"}]),
    ("```\n<!-- kept -->\n```", [{"kind": "code", "text": "<!-- kept -->"}]),
    ("a<!-- gone -->b", [("paragraph", "ab")]),
    ("<!-- persistence-lab readiness -->\ntext", [("paragraph", "text")]),
    ("<details><summary>Repairs</summary>\n\ntext\n\n</details>", [("heading", "Repairs"), ("paragraph", "text")]),
    ("| no table", [("paragraph", "| no table")]),
    ("#no heading", [("paragraph", "#no heading")]),
]


@pytest.mark.parametrize(("markdown", "blocks"), CASES)
def test_blocks(markdown: str, blocks: list[object]) -> None:
    found = read_blocks(markdown)
    short = [(one["kind"], "".join(s["text"] for s in one.get("spans", ()))) for one in found]
    assert len(found) == len(blocks)
    for one, brief, expected in zip(found, short, blocks, strict=True):
        assert expected in (one, brief)


SPANS = [
    ("a **b** `c`", [("", "a "), ("bold", "b"), ("", " "), ("code", "c")]),
    (r"a\*\*b\*\*", [("", "a**b**")]),
    ("2 * 3 ** 4", [("", "2 * 3 ** 4")]),
    ("email_delivery_x", [("", "email_delivery_x")]),
    ("`` a`b ``", [("code", "a`b")]),
    ("` `` `", [("code", "``")]),
    ("`never closed", [("", "`never closed")]),
    (r"\`no code\`", [("", "`no code`")]),
    (r"C:\new", [("", r"C:\new")]),
    (r"**a\*b**", [("bold", "a*b")]),
    ("#set text(red) $x$ @ref <label> [link](x)", [("", "#set text(red) $x$ @ref <label> [link](x)")]),
]


@pytest.mark.parametrize(("text", "spans"), SPANS)
def test_spans(text: str, spans: list[tuple[str, str]]) -> None:
    assert [(one["style"], one["text"]) for one in read_spans(text)] == spans


def test_a_table_keeps_the_bars_in_its_cells() -> None:
    (table,) = read_blocks("| A | B |\n|---|---|\n| a \\| b | `c \\| d` |\n| e | |")
    assert [[span["text"] for span in cell] for cell in table["rows"][0]] == [["a | b"], ["c | d"]]
    assert table["rows"][1][1] == []
