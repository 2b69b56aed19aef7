"""The pictures of the documents, made by the program itself: ``make pictures``.

Every picture is of a command that is run here, on data that need no download, in a folder that is thrown away. Screens
of the terminal are what tmux shows, as SVG without a font of its own; pages are taken by the system's Chromium.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

HERE = Path(__file__).parent
COLUMNS, LINES = 80, 90
PATIENCE = 1200.0
"""Seconds that the commands of a screen have."""
PROMPT = "$"
_SMALL = "dataset=digits steps=1000"
_SHARED = "--with dataset=digits --with steps=1000"


@dataclass(frozen=True)
class Screen:
    """What is typed, one after the other.

    Attributes:
        typed: command lines.
        midway: pictures on the way, each taken once its pattern is on the screen.
    """

    typed: tuple[str, ...]
    midway: dict[str, str] = field(default_factory=dict)


SCREENS = {
    "run": Screen((f"sweeper run activation=tanh 'hidden=[100,30]' {_SMALL}",)),
    "tune": Screen((f"sweeper tune --trials 24 --study first {_SMALL}",), {"tune-bar": r"(?:1[2-9])/24"}),
    "overview": Screen(("sweeper results", "sweeper status")),
    "compare": Screen((f"sweeper compare activation=relu activation=sigmoid --repeats 5 {_SHARED}",)),
    "mistakes": Screen(("sweeper run --activation tanh", "sweeper tune 50", "sweeper report frist")),
    "explore": Screen(("sweeper explore activation --quick",)),
}
"""By the name of the picture of the end."""


def main(folder: str, names: list[str]) -> None:
    """Run what is needed for the pictures of these names, or for all, and draw them."""
    home = Path(folder).resolve()
    with _terminal(home) as terminal:
        for name, screen in SCREENS.items():
            if not names or {name, *screen.midway} & set(names):
                _drawn(terminal, name, screen)
    if not names or "pages" in names:
        _run(home, "sweeper report first")
        _pages(home / "runs")
    for picture in sorted([*HERE.glob("*.svg"), *HERE.glob("*.png")]):
        print(f"{picture.name}: {picture.stat().st_size / 1024:.0f} kB")


def _environment(home: Path) -> dict[str, str]:
    hidden = {"SWEEPER_DATA", "SWEEPER_RUNS", "MLFLOW_TRACKING_URI", "TMUX", "NO_COLOR"}
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return kept | {"PATH": path, "PS1": f"{PROMPT} ", "KERAS_HOME": str(home.absolute() / "keras"), "LANG": "C.UTF-8"}


def _run(home: Path, line: str) -> None:
    subprocess.run(shlex.split(line), cwd=home, env=_environment(home), check=True, stdout=subprocess.DEVNULL)


@contextmanager
def _terminal(home: Path) -> Iterator[list[str]]:
    """A shell in a terminal of its own; the command that speaks to it."""
    tmux = ["tmux", "-L", f"pictures-{os.getpid()}", "-f", os.devnull]
    size = ["-x", str(COLUMNS), "-y", str(LINES)]
    start = [*tmux, "new-session", "-d", *size, "-c", str(home), "env", "--unset=ENV", "sh"]
    subprocess.run(start, env=_environment(home), check=True)
    try:
        yield tmux
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)


def _drawn(terminal: list[str], name: str, screen: Screen) -> None:
    """Type what a screen is of, and draw it on the way and at the end."""
    subprocess.run([*terminal, "send-keys", "clear", "Enter"], check=True)
    time.sleep(1)
    missing = dict(screen.midway)
    for line in screen.typed:
        subprocess.run([*terminal, "send-keys", "-l", line], check=True)
        subprocess.run([*terminal, "send-keys", "Enter"], check=True)
        deadline = time.monotonic() + PATIENCE
        while not (shown := _shown(terminal))[0].endswith(f"\n{PROMPT}"):
            for midway in [each for each, pattern in missing.items() if re.search(pattern, shown[0])]:
                del missing[midway]
                _save(midway, shown[1])
            if time.monotonic() > deadline:
                sys.exit(f"{line}: no end after {PATIENCE:.0f} s")
            time.sleep(0.3)
    _save(name, shown[1])
    if missing:
        sys.exit(f"never seen: {', '.join(missing)}")


def _shown(terminal: list[str]) -> tuple[str, str]:
    """What is on the screen, without and with its colours."""
    time.sleep(0.3)
    coloured = subprocess.run([*terminal, "capture-pane", "-pe"], check=True, capture_output=True, text=True).stdout
    return Text.from_ansi(coloured).plain.rstrip(), coloured


def _save(name: str, coloured: str) -> None:
    text = Text.from_ansi(coloured)
    text.rstrip()
    if text.plain.endswith(f"\n{PROMPT}"):
        text.right_crop(len(PROMPT))
        text.rstrip()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere)
        console.print(text, "", sep="\n")  # a picture's last line is cut
        drawn = console.export_svg(title="", theme=DIMMED_MONOKAI)
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL).replace("Fira Code", "DejaVu Sans Mono")
    drawn = re.sub(r"terminal-\d+", "terminal", re.sub(r"[ \t]+$", "", drawn, flags=re.MULTILINE))
    (HERE / f"{name}.svg").write_text(drawn, encoding="utf-8")


def _pages(runs: Path) -> None:
    from sweeper.jobs.browse import views
    from sweeper.tracking.mlflow import ui

    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("there is no Chromium (apt-get install chromium)")
    with ui.serving(runs, views=views(runs, "first"), study="first") as served, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        listed = _opened(browser, f"{served.url}/sweeper/first", 1280, 620)
        listed.get_by_role("link").filter(has_text="first/").first.wait_for()
        _shot(listed, "browser")
        _shot(_opened(browser, (runs / "reports" / "study-first" / "report.html").as_uri(), 860, 1000), "report")
        _shot(_opened(browser, (runs / "reports" / "activation" / "report.html").as_uri(), 860, 1000), "answer")
        browser.close()


def _opened(browser: Any, address: str, width: int, height: int) -> Any:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(180_000)
    page.goto(address)
    return page


def _shot(page: Any, name: str) -> None:
    path = HERE / f"{name}.png"
    page.wait_for_timeout(1500)  # pages settle: pictures come in, menus close
    page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    named = sys.argv[1:2]  # a folder, in which what was run stays; then names of pictures
    with nullcontext(named[0]) if named else tempfile.TemporaryDirectory() as where:
        main(where, sys.argv[2:])
