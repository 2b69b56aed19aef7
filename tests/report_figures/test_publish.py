import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.report.documents.model import Document, Figure, Paragraph, Section
from sweeper.report.documents.publish import EARLIER, folder_name, publish


def _document(text):
    return Document(
        text, (Paragraph(text), Figure("f", b"\x89PNG\r\n\x1a\n" + bytes(8) + bytes([0, 0, 0, 4] * 2), "c", "a"))
    )


def _files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_report_is_html_markdown_json_and_pictures(tmp_path):
    made = publish(_document("one"), tmp_path / "reports", "study", {"a": float("nan"), "b": (1, {"c": "ü"})})
    assert set(_files(made.folder)) == {"report.html", "report.md", "report.json", "figures/f.png"}
    assert made.folder == tmp_path / "reports" / "study"
    assert json.loads(made.json.read_text()) == {"a": None, "b": [1, {"c": "ü"}]}
    assert made.html.read_text().startswith("<!DOCTYPE html>")
    assert made.markdown.read_text().startswith("# one")
    assert made.earlier is None


def test_the_same_report_again_changes_nothing(tmp_path):
    first = publish(_document("one"), tmp_path, "study", {})
    before = first.html.stat().st_mtime_ns
    again = publish(_document("one"), tmp_path, "study", {})
    assert again.earlier is None
    assert again.html.stat().st_mtime_ns == before
    assert [path.name for path in tmp_path.iterdir()] == ["study"]


def test_another_report_of_the_same_name_keeps_the_one_before(tmp_path):
    first = publish(_document("one"), tmp_path, "study", {})
    kept = _files(first.folder)
    second = publish(_document("two"), tmp_path, "study", {})
    assert second.earlier is not None
    assert second.earlier.parent == tmp_path / EARLIER / "study"
    assert _files(second.earlier) == kept
    assert second.markdown.read_text().startswith("# two")
    third = publish(_document("three"), tmp_path, "study", {})
    assert third.earlier not in {None, second.earlier}
    assert sorted(path.name for path in tmp_path.iterdir()) == [EARLIER, "study"]


def test_what_a_user_put_into_a_report_is_kept(tmp_path):
    first = publish(_document("one"), tmp_path, "study", {})
    (first.folder / "my notes.txt").write_text("mine")
    second = publish(_document("one"), tmp_path, "study", {})
    assert (second.earlier / "my notes.txt").read_text() == "mine"


@pytest.mark.parametrize("failing", ["os.fsync", "pathlib.Path.replace"])
def test_a_failed_write_leaves_the_report_before_as_it_was(tmp_path, monkeypatch, failing):
    first = publish(_document("one"), tmp_path, "study", {})
    kept = _files(first.folder)

    def fail(*_):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(failing, fail)
        with pytest.raises(OSError, match="disk full"):
            publish(_document("two"), tmp_path, "study", {})
    assert _files(first.folder) == kept
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_reports_can_be_read_by_others(tmp_path):
    made = publish(_document("one"), tmp_path, "study", {})
    assert made.folder.stat().st_mode & 0o755 == 0o755


@given(st.text(max_size=200))
def test_a_folder_name_leads_nowhere_else(name):
    made = folder_name(name)
    assert Path(made).name == made
    assert made not in {"", ".", "..", EARLIER}
    assert not made.startswith((".", "_"))
    assert len(made.encode()) <= 100


def test_plain_names_stay_and_changed_ones_do_not_collide():
    assert folder_name("tanh-sweep_2.1") == "tanh-sweep_2.1"
    assert len({folder_name(name) for name in ("a/b", "a-b", "a b", "a\\b", "../a-b")}) == 5


def test_figures_of_nested_sections_are_written(tmp_path):
    figure = _document("x").blocks[1]
    nested = Document("t", (), (Section("a", (), (Section("b", (figure,)),)),))
    assert "figures/f.png" in _files(publish(nested, tmp_path, "n", {}).folder)
