"""What stands on a page that Streamlit drew without a browser, and how its buttons are pressed."""

from collections.abc import Callable
from typing import Any, cast

from streamlit.testing.v1 import AppTest

Open = Callable[..., AppTest]


def words(page: AppTest) -> str:
    """Return all text on the page."""
    kinds = ("title", "subheader", "markdown", "caption", "warning", "info", "error", "code")
    return "\n".join(
        [*(str(cast("Any", element).value) for kind in kinds for element in page.get(kind)), *list_rows(page)]
    )


def list_rows(page: AppTest) -> list[str]:
    """Return each row of each table on the page as text."""
    return [" | ".join(map(str, row)) for frame in page.dataframe for row in frame.value.itertuples(index=False)]


def drawn(page: AppTest) -> str:
    """Return what stands in the page's own HTML."""
    return "".join(str(element.proto.body) for element in page.get("html"))


def all_of(page: AppTest) -> str:
    """Return all that stands on a page, also on its buttons and in what can be chosen."""
    return (words(page) + str(page.button) + str(page.selectbox)).replace("\\", "")


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def listed(page: AppTest, name: str) -> list[str]:
    """Return one parameter of the URL as a list."""
    value = page.query_params.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def press(page: AppTest, *labels: str) -> AppTest:
    """Press the button that has one of these labels, and draw the page again."""
    return next(button for button in page.button if button.label in labels).click().run()


def list_downloads(page: AppTest) -> set[str]:
    """Return the labels of the page's downloads."""
    return {str(cast("Any", button).label) for button in page.get("download_button")}
