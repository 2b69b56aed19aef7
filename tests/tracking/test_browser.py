"""MLflow's pages as a person sees them, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from sweeper.jobs.browse import views
from sweeper.tracking import RunRecord
from sweeper.tracking.mlflow import ui
from sweeper.tracking.mlflow.tracker import MlflowTracker

pytestmark = pytest.mark.slow

Make = Callable[..., RunRecord]

_TRIALS = 100
_PATIENCE = 90_000
"""Milliseconds that a page has; a machine under load takes many."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, make: Make) -> Iterator[str]:
    """A folder with a study of a hundred trials that has a report and a figure, and a single run from before it."""
    runs = tmp_path_factory.mktemp("browser") / "runs"
    page, picture = runs.parent / "report.html", runs.parent / "history.svg"
    page.write_text("<h1>All that is known of it</h1>")
    picture.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle r="9"/></svg>')
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        with MlflowTracker(runs) as tracker:
            tracker.record(replace(make("alone"), score=0.5))
            study = tracker.open_study("first", {"data": '{"name": "digits", "digest": "d"}'})
            for number in range(_TRIALS):
                tracker.record(_trial(make, number))
            files = [(page, "report"), (picture, "figures")]
            tracker.update(study, tags={"mlflow.note.content": "Trial 98 is the best of 100."}, artifacts=files)
            tracker.close_study("first", "finished", {"score": 0.98})
        with ui.serving(runs, views=views(runs, "first"), study="first") as served:
            yield served.url


def _trial(make: Make, number: int) -> RunRecord:
    """The later, the better; the last was pruned while it led."""
    config = {"learning_rate": 0.001 * (number + 1), "hidden": [50], "seed": 0, "repeats": 1}
    status = "pruned" if number == _TRIALS - 1 else "finished"
    record = make(f"first/{number}", study="first", number=number, config=config, status=status)
    return replace(record, score=number / 100 if status == "finished" else None)


def _opened(browser: Any, url: str, width: int = 1600) -> Any:
    page = browser.new_page(viewport={"width": width, "height": 1000})
    page.set_default_timeout(_PATIENCE)
    page.goto(url)
    return page


def test_a_study_of_a_hundred_trials_is_browsed(address: str, browser: Any) -> None:
    page = _opened(browser, f"{address}/sweeper/first")
    page.get_by_role("link", name="first/98", exact=True).wait_for()
    names = page.get_by_role("link").filter(has_text="first/").all_inner_texts()
    assert names[:2] == ["first/98", "first/97"]  # best first; the pruned one does not lead
    assert "100 matching runs" in page.locator("body").inner_text()
    headings = page.get_by_role("columnheader").all_inner_texts()
    assert {"score", "status", "learning_rate"} <= {text.strip() for text in headings}
    assert not page.get_by_text("Ask questions about your experiments").count()  # the assistant, a third of the page
    page.get_by_role("link", name="first/98", exact=True).click()
    page.get_by_text("About this run").wait_for()
    page.get_by_text("Model metrics").first.click()
    page.get_by_text("train.accuracy", exact=True).first.wait_for()
    text = page.locator("body").inner_text()
    assert text.index("train.accuracy") < text.index("validation.loss")
    assert "final/" not in text


def test_a_study_is_found_among_the_runs_and_tells_what_it_found(address: str, browser: Any) -> None:
    page = _opened(browser, f"{address}/sweeper")
    page.get_by_role("link", name="alone", exact=True).wait_for()  # not behind a hundred trials
    page.get_by_role("link", name="first", exact=True).click()
    page.get_by_text("Trial 98 is the best of 100.").wait_for()
    page.get_by_role("link").filter(has_text="first/").first.wait_for()  # its trials, one click from the list
    page.get_by_text("Artifacts").first.click()
    page.get_by_text("report", exact=True).first.click()
    page.get_by_text("report.html").first.click()
    page.frame_locator("iframe").get_by_text("All that is known of it").wait_for()
    page.get_by_text("figures", exact=True).first.click()
    page.get_by_text("history.svg").first.click()
    page.locator("img[src*='blob:'], img[src*='history'], img[src*='data:image/svg']").first.wait_for()


def test_any_port_that_is_forwarded_may_ask(address: str, browser: Any) -> None:
    page = _opened(browser, f"{address.replace('127.0.0.1', 'localhost')}/sweeper/first")
    page.get_by_role("link", name="first/98", exact=True).wait_for()
