"""One renderer for all tests that do not end its child."""

from collections.abc import Iterator

import pytest

from lab.services.documents import Renderer


@pytest.fixture(scope="session")
def renderer() -> Iterator[Renderer]:
    with Renderer() as renderer:
        yield renderer
