"""The site's variables as a .env file, or Streamlit's secrets, hold them."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.checks.environment.check import EnvironmentFileFault, read_env_file
from lab.text.product_files import PROJECT

FILE = """\ufeff# the site
export STRIPE_SECRET_KEY=rk_live_1   # inline
SITE = "https://oracle.shop"\r
RAW='a # b \\$ $4 \\n'
TICKED=`say "it's" so`
ESCAPED="one\\ntwo \\"three\\" \\$4"
LONG="first
second"
HASH="a#b"
MY-NAME=1
EMPTY=
# the end"""


def test_reads_a_file_as_the_server_does(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(FILE.encode())
    assert read_env_file(path) == {
        "STRIPE_SECRET_KEY": "rk_live_1",
        "SITE": "https://oracle.shop",
        "RAW": "a # b $ $4 \\n",
        "TICKED": """say "it's" so""",
        "ESCAPED": 'one\ntwo "three" $4',
        "LONG": "first\nsecond",
        "HASH": "a#b",
        "MY-NAME": "1",
        "EMPTY": "",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A=1\ncanary7Q", "line 2: it is not NAME=value"),
        ('A=1\n\nB="canary7Q', "line 3: B begins with a quote that never ends"),
        ("B='x' canary7Q", "line 1: B has more text after its closing quote"),
        ("A=canary7Q\nB=2\nA=canary7Q", "line 3: A is set already in line 1"),
        ("A=canary7Q${B}", "line 1: A refers to another variable"),
        ("A=canary7Q$word", "line 1: A refers to another variable"),
        ("A='canary7Q$word'", "and \\$ for a dollar sign"),
        ("A=canary7Q#1", "line 1: A has a # in it, where the site's server ends it"),
        (
            "A=-----BEGIN PRIVATE KEY-----\ncanary7Q=\ncanary7Q=\n-----END PRIVATE KEY-----",
            "A is a key of several lines",
        ),
        ("A=\n-----BEGIN RSA PRIVATE KEY-----\ncanary7Q==\ncanary7Q==", "line 2: a key of several lines begins here"),
        ("B=x\ncanary7Qx=\ncanary7Qx=\n", "line 3: a variable is set already in line 2"),
        ("9canary7Q=1", "line 1: it is not NAME=value"),
        (b"A=\xff\xfe", "it is not UTF-8 text"),
        (None, "No such file"),
    ],
)
def test_says_which_line_is_wrong(tmp_path: Path, text: str | bytes | None, said: str) -> None:
    path = tmp_path / ".env"
    if text is not None:
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(EnvironmentFileFault) as caught:
        read_env_file(path)
    assert said in str(caught.value)
    assert "canary7Q" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_names_all_faults_at_once(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("one\nA=1\ntwo")
    with pytest.raises(EnvironmentFileFault) as caught:
        read_env_file(path)
    assert [line.split(": ")[:2] for line in str(caught.value).splitlines()] == [[".env", "line 1"], [".env", "line 3"]]


@given(st.text())
def test_no_text_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("env") / ".env"
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    with contextlib.suppress(EnvironmentFileFault):
        assert isinstance(read_env_file(path), dict)


def test_streamlit_secrets_are_the_pages_environment(tmp_path: Path) -> None:
    """What stands at the top of the secrets reaches the check as the process's environment does."""
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text('LAB_MADE_UP = "a value"\n')
    script = "import os; from lab.ui.kit.targets import read_secrets; read_secrets(); print(os.environ['LAB_MADE_UP'])"
    environ = {**os.environ, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-c", script]
    told = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "a value"
    assert read_env_file(tmp_path / ".streamlit" / "secrets.toml") == {"LAB_MADE_UP": "a value"}
