"""A check over a real connection: one clear line, the right exit code, and no secret in any form of the report."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from lab.readiness.formats import TEXT_FORMATS
from tests.connections.trial import SECRET, Run, Told


@pytest.fixture
def check(run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Callable[..., Told]:
    """Check a URL in all forms of text at once; none of them, nor anything else that is said, holds the password."""

    def check_url(url: str, *options: str) -> Told:
        files = {form: tmp_path / f"report.{form}" for form in TEXT_FORMATS}
        writes = [part for form, path in files.items() for part in ("--write", f"{form}={path}")]
        started = time.perf_counter()
        code, out, err = run("check", "--database-url", url, "--no-history", *options, *writes)
        seconds = time.perf_counter() - started
        written = {form: path.read_text() for form, path in files.items() if path.exists()}
        said = "".join((out, err, caplog.text, *written.values()))
        assert SECRET not in said
        assert quote(SECRET, safe="") not in said
        assert "Traceback" not in said
        assert len(written) == (len(TEXT_FORMATS) if out else 0)
        report = json.loads(written["json"]) if written else {}
        for path in files.values():
            path.unlink(missing_ok=True)
        return Told(code=code, out=out, err=err, seconds=seconds, report=report)

    return check_url
