"""``sweeper data`` as it is typed: documents, exit codes, and nothing on standard output but what was asked for."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sweeper.cli.app import invoke
from sweeper.data import places


@pytest.fixture
def typed(tmp_path, monkeypatch, capfd):
    """Runs a command on a machine without data sets; exit code, standard output, standard error."""
    monkeypatch.delenv("SWEEPER_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("SWEEPER_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(places, "_DEBIAN", tmp_path / "debian")

    def run(*arguments):
        code = invoke(["data", *arguments])
        out = capfd.readouterr()
        return code, out.out, out.err

    return run


def test_list(typed):
    code, out, err = typed("list", "--json")
    assert (code, err) == (0, "")
    assert [each["name"] for each in json.loads(out)["datasets"]] == [
        "mnist", "mnist_5k", "fashion_mnist", "digits", "diabetes",
    ]  # fmt: skip
    code, out, _ = typed("list")
    assert code == 0
    assert "mnist_5k" in out
    assert "not here" in out


def test_show_says_where_it_wrote(typed, tmp_path):
    code, out, err = typed("show", "digits", "--label", "2")
    path = tmp_path / "runs" / "reports" / "examples-digits-2.png"
    assert (code, out) == (0, f"{path}\n")
    assert path.read_bytes().startswith(b"\x89PNG")
    assert "a fifth" in err


def test_show_without_the_full_set_says_so_on_standard_error(typed, tmp_path):
    code, out, err = typed("show", "--json", "--output", str(tmp_path / "each.png"))
    assert code == 0
    assert json.loads(out)["dataset"]["name"] == "mnist_5k"
    assert "5,000 real digits" in err


def test_show_keeps_a_file_that_is_there(typed, tmp_path):
    mine = tmp_path / "mine.png"
    mine.write_text("mine")
    code, out, err = typed("show", "digits", "-o", str(mine))
    assert (code, out) == (2, "")
    assert "is there already" in err
    assert mine.read_text() == "mine"


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "mnits"),
        ("show", "digits", "--label", "12"),
        ("verify", "fashion_mnist"),
        ("fetch", "digits"),
        ("fetch", "diabetes"),
    ],
)
def test_bad_input_is_one_line_and_exit_2_with_nothing_written(typed, tmp_path, arguments):
    code, out, err = typed(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    code, out, _ = typed(*arguments, "--json")
    assert code == 2
    assert set(json.loads(out)["error"]) == {"message", "hint", "key"}
    assert not (tmp_path / "runs").exists()


def test_verify(typed):
    code, out, _ = typed("verify", "--json")
    assert (code, json.loads(out)["ok"]) == (0, True)


def test_verify_of_damaged_data_ends_with_1_and_names_the_file(typed, tmp_path):
    folder = tmp_path / "runs" / "data" / "mnist"
    folder.mkdir(parents=True)
    for file in ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"):
        (folder / file).write_bytes(b"damaged")
    code, out, _ = typed("verify", "mnist")
    assert code == 1
    assert "train-images-idx3-ubyte.gz" in out
    code, out, _ = typed("verify", "mnist", "--json")
    assert (code, json.loads(out)["ok"]) == (1, False)


def test_runs_names_the_folder(typed, tmp_path):
    code, out, _ = typed("show", "digits", "--runs", str(tmp_path / "other"), "--json")
    assert code == 0
    assert json.loads(out)["path"].startswith(str(tmp_path / "other" / "reports"))


@pytest.fixture
def houses(tmp_path):
    """A table whose target is a number."""
    rows = [f"{40 + place},{'flat' if place % 3 else 'house'},{1000.5 + 10 * place}" for place in range(80)]
    path = tmp_path / "houses.csv"
    path.write_text("\n".join(["area,kind,price", *rows]) + "\n")
    return f"dataset.path={path}"


def test_show_of_numbers_says_how_they_are_distributed_and_draws_them(typed, houses, tmp_path):
    code, out, _ = typed("show", "csv", houses, "dataset.target=price", "--json")
    document = json.loads(out)
    target = document["target"]
    assert (code, document["classes"], target["name"]) == (0, [], "price")
    assert target["rows"] == document["dataset"]["sizes"]["train"] + document["dataset"]["sizes"]["validation"] < 80
    assert 1000.5 <= target["least"] < target["median"] < target["greatest"] <= 1790.5
    assert target["spread"] == pytest.approx(230, rel=0.2)
    assert (tmp_path / "runs" / "reports").joinpath(document["path"]).read_bytes().startswith(b"\x89PNG")
    code, out, _ = typed("show", "csv", houses, "dataset.target=price")
    assert code == 0
    assert "spread" in out
    assert "share" not in out


def test_show_of_classes_has_no_target_numbers(typed, houses):
    code, out, _ = typed("show", "csv", houses, "dataset.target=kind", "--json")
    document = json.loads(out)
    assert (code, document["target"], [each["name"] for each in document["classes"]]) == (0, None, ["flat", "house"])


@pytest.mark.parametrize(("width", "rows"), [(3, ["x[0]", "x[1]", "x[2]"]), (40, ["x[0] to x[39]"])])
def test_places_of_an_array_that_are_read_alike_share_a_row(typed, tmp_path, width, rows):
    random = np.random.default_rng(0)
    np.save(tmp_path / "x.npy", random.normal(size=(60, width)))
    np.save(tmp_path / "y.npy", np.arange(60) % 2)
    _, out, _ = typed("show", "npy", "--path", str(tmp_path), "-o", str(tmp_path / "p.png"))
    assert [line.split("  ")[0] for line in out.splitlines() if line.startswith("x[")] == rows
    _, out, _ = typed("show", "npy", "--path", str(tmp_path), "-o", str(tmp_path / "q.png"), "--json")
    assert len(json.loads(out)["columns"]) == width
