"""What is shown while the work goes on."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stderr

import pytest

from sweeper.cli import plot, progress, sweep_progress
from sweeper.cli.progress import showing
from sweeper.cli.sweep_progress import SweepProgress, SweepScreen
from sweeper.study.plan import Began, Counts, Ended, Note, Opened
from sweeper.trial import EpochReport, Scores, StepReport, Trial


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr("time.monotonic", made)
    return made


@pytest.fixture
def terminal(monkeypatch):
    """For ``redirect_stderr``."""

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    made = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    return made


def step(number, key="run", total=5000):
    return StepReport(key, number, total, Scores((0.25, 0.75), (0.5, 0.7)), number / 1000)


def ended(number, finished, *, pruned=0, failed=0, score=0.9):
    trial = Trial(number, "finished", score, {}, (f"learning_rate=0.{number}23456789",), None, 0, 1)
    return Ended(trial, Counts(8, finished, pruned, failed), trial)


def test_lines_come_at_intervals_and_at_the_end(clock, capsys):
    with progress.run_progress() as watch:
        watch(step(100))
        clock.now += 6
        watch(step(200))
        watch(EpochReport("run", 200, 1.0, Scores((0.1,), (0.9,)), Scores((0.1,), (0.875,)), 0.1, 0.2))
        watch(step(300))
        watch(step(5000))
    assert capsys.readouterr().err.splitlines() == [
        "step 200/5000  loss 0.5000  accuracy 0.600",
        "step 5000/5000  loss 0.5000  accuracy 0.600  validation 0.875",
    ]


def test_a_note_is_shown_at_once(capsys):
    with progress.run_progress() as watch:
        watch(Note("full MNIST is not on this machine"))
    assert capsys.readouterr().err == "full MNIST is not on this machine\n"


def test_on_a_terminal_there_is_a_bar_with_the_pace_and_the_scores_below(terminal, clock):
    with redirect_stderr(terminal), progress.run_progress() as watch:
        assert watch.line() == "loading TensorFlow and the data  0 s"
        watch(Note("careful"))
        clock.now += 7
        watch(step(1000))
        assert watch.line() == "1000/5000 steps  7 s  1,000 steps/s, about 4 s left"
        watch(step(5000))
        assert watch.line() == "5000/5000 steps  7 s  1,000 steps/s"
        rows = [line for each in watch._lines().renderables for line in watch._live.console.render_lines(each)]
        assert len(rows) == 2
    shown = terminal.getvalue()
    assert "careful" in shown
    assert "5000/5000 steps" in shown
    assert "loss 0.5000  accuracy 0.600" in shown


def test_a_sweep_counts_and_names_its_best(clock, capsys):
    watch = SweepProgress(8)
    watch(Opened(Counts(8), None, "s", fixed=("steps=10",)))
    clock.now += 6
    watch(ended(3, 1))
    clock.now += 1
    watch(ended(4, 1, pruned=1))  # too soon for another line
    clock.now += 5
    watch(ended(5, 2, pruned=2, failed=1))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "1/8 trials  6 s  best on validation 0.9000: trial 3 (learning_rate=0.3235)"
    assert lines[1].startswith("4/8 trials, 2 pruned, 1 failed  12 s  15 a minute, about 16 s left")
    assert len(lines) == 2


@pytest.mark.parametrize("study", ["first-confirm-0123ab", "compare-0123abcd"])
def test_the_best_of_seeds_that_are_repeats_is_not_named(clock, capsys, study):
    watch = SweepProgress(2)
    watch(Opened(Counts(2), None, study))
    clock.now += 6
    watch(ended(1, 2))
    assert capsys.readouterr().err.startswith("fresh seeds: 2/8 trials  6 s")
    assert watch.leader() == ""


def test_the_rounds_of_a_race_are_one_phase_and_an_end_has_no_pace(clock):
    watch = SweepProgress(8)
    watch(Opened(Counts(8, 8), None, "s"))
    clock.now += 30
    watch(Opened(Counts(6), None, "s-confirm-0a1b2c"))
    clock.now += 4
    watch(ended(0, 6))
    clock.now += 3
    watch(Opened(Counts(8, 6), None, "s-confirm-0a1b2c"))
    assert watch.line() == "fresh seeds: 6/8 trials  7 s"
    clock.now += 2
    watch(ended(7, 8))
    assert watch.line() == "fresh seeds: 8/8 trials  9 s"


def test_the_pace_leaves_out_the_start_up(clock):
    watch = SweepProgress(100)
    clock.now += 50
    watch(Began({"s/0": ()}))
    watch(step(0, key="s/0"))
    clock.now += 12
    for number in range(6):  # a group ends as one
        watch(ended(number, number + 1))
    assert watch.pace() == "30 a minute, about 4 s left"


def test_a_moment_is_no_pace(clock):
    watch = SweepProgress(6)
    watch(Began({"s/0": (), "s/1": ()}))
    watch(step(100, key="s/0"))
    clock.now += 0.5
    watch(ended(1, 0, pruned=1))
    assert watch.line() == "1/8 trials, 1 pruned  0 s"
    clock.now += 12
    watch(ended(0, 1, pruned=1))
    watch(ended(2, 2, pruned=1))
    assert watch.pace() == "14.2 a minute, about 20 s left"


def test_the_pace_counts_what_is_half_trained(clock, capsys):
    watch = SweepProgress(8)
    watch(Began({f"s/{number}": () for number in range(4)}))
    watch(step(1000, key="s/0"))
    assert watch.pace() == ""
    clock.now += 60
    watch(step(3000, key="s/0"))  # of 5,000: all four are as far, with 2,000 steps in a minute
    assert watch.pace() == "1.6 a minute, about 4 min left"
    clock.now += 30
    watch(step(4000, key="s/0"))
    assert capsys.readouterr().err == "0/8 trials  1 min 00 s  1.6 a minute, about 4 min left\n"


def test_a_study_that_goes_on_begins_where_it_stood(clock, capsys):
    watch = SweepProgress(50)
    before = ended(3, 1)
    watch(Opened(Counts(12, finished=9, pruned=1), before.best))
    assert watch.standing() == "10/12 trials, 1 pruned"  # a grid has fewer than were asked for
    assert watch.leader().startswith("best on validation 0.9000: trial 3 (")
    assert watch.pace() == ""


def test_the_screen_shows_each_worker_until_its_trials_have_ended(terminal):
    with redirect_stderr(terminal), SweepScreen(8) as watch:
        watch(Began({"s/0": ("activation=relu",), "s/1": ("activation=tanh",)}))
        watch(Began({"s/2": ("activation=elu",)}))
        watch(step(1200, key="s/1"))
        watch._live.refresh()
        first = terminal.getvalue()
        assert "trial 0 and 1 more  1200/5000  accuracy 0.600  activation=relu" in first
        assert "trial 2  starting  activation=elu" in first
        watch(ended(0, 1))
        watch(ended(1, 2))
        watch._live.refresh()
        assert [list(group.trials) for group in watch.groups] == [[2]]
    assert "2/8 trials" in terminal.getvalue()


def test_no_line_of_the_screen_is_wider_than_the_terminal(terminal):
    with redirect_stderr(terminal), SweepScreen(8) as watch:
        watch(Began({"s/0": tuple(f"key{i}=value" for i in range(40))}))
        watch._live.refresh()
    text = terminal.getvalue()
    lines = text.replace("\r", "\n").split("\n")
    plain = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line) for line in lines]
    assert max(map(len, plain)) <= 80


@pytest.mark.parametrize("columns", ["40", "60", "80"])
def test_nothing_wraps_however_narrow_the_terminal(terminal, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    with redirect_stderr(terminal), SweepScreen(8) as watch:
        watch(Opened(Counts(8), None, "s-confirm-0123ab"))
        watch(Began({"s/0": tuple(f"key{i}=value" for i in range(40))}))
        watch(ended(1, 2, pruned=3, failed=1))
        lines = watch._lines().renderables
        shown = [line for each in lines for line in watch._live.console.render_lines(each)]
    assert len(shown) == len(lines)
    assert "fresh seeds: " in terminal.getvalue()


def test_a_complete_study_starts_no_workers_and_does_not_say_so(terminal):
    with redirect_stderr(terminal), SweepScreen(8) as watch:
        watch(Opened(Counts(8, finished=8), None, "s"))
        watch._live.refresh()
        assert "starting" not in terminal.getvalue()


def test_where_there_is_no_terminal_there_is_no_screen():
    assert type(sweep_progress.sweep_progress(8)) is SweepProgress


class Display:
    """Shows into a list; fails on what is no number."""

    def __init__(self):
        self.shown = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shown.append("end")

    def __call__(self, event):
        self.shown.append(event + 0)


def test_everything_has_been_shown_in_order_at_the_end():
    display = Display()
    with showing(display) as observe:
        for number in range(100):
            observe(number)
    assert display.shown == [*range(100), "end"]


def test_what_cannot_be_shown_is_raised_at_the_end_and_holds_up_nothing():
    display = Display()

    def work(*events, then=None):
        with showing(display) as observe:
            for event in events:
                observe(event)
            if then:
                raise then

    with pytest.raises(TypeError):
        work("one", 2)
    assert display.shown == [2, "end"]
    with pytest.raises(KeyError):  # what went wrong first is what has to be said
        work("one", then=KeyError())


def test_a_wide_terminal_has_a_plot_of_the_best_so_far(terminal, monkeypatch):
    monkeypatch.setattr(type(terminal), "encoding", "utf-8", raising=False)
    monkeypatch.setenv("LINES", "30")
    scores = (0.5, 0.7, 0.7, 0.8, 0.9, 0.9)
    for columns, drawn in (("80", False), ("120", True), ("200", True)):
        monkeypatch.setenv("COLUMNS", columns)
        with redirect_stderr(terminal), SweepScreen(8) as watch:
            watch(Opened(Counts(8), None, "s"))
            for number, score in enumerate(scores):
                watch(ended(number, number + 1, score=score))
            lines = watch._plot()
            shown = [line for each in watch._lines().renderables for line in watch._live.console.render_lines(each)]
        assert bool(lines) is drawn
        assert len(shown) == 2 + len(lines)
    assert [line.split(" ")[0] for line in (lines[1], lines[-1])] == ["0.9000", "0.5000"]
    assert lines[-1].endswith("▁█████")
    assert lines[1].endswith("██")


def test_a_plot_needs_room_characters_and_something_to_show():
    assert plot.fits(100, 24, "UTF-8")
    assert not plot.fits(99, 24, "utf-8")
    assert not plot.fits(100, 23, "utf-8")
    assert not plot.fits(100, 24, "latin-1")
    assert plot.plotted([0.5, 0.5], "a", "b") == []
    long = plot.plotted([number / 1000 for number in range(1000)], "0", "1")
    assert {len(line) for line in long} == {2 + plot.LONGEST}
    assert long[0][-1] == "█"
    assert long[-1][2] == "▁"
