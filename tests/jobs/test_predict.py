"""``sweeper predict``: new rows get what the trial said of its validation rows, and nothing sealed is touched."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sweeper.data import ledger, preprocessing, sealed
from sweeper.errors import InputError
from sweeper.jobs.predict import predict
from sweeper.jobs.shared import trained_model as models
from sweeper.jobs.shared.opening import LEDGER
from sweeper.jobs.shared.subjects import winner
from sweeper.system import bits
from sweeper.tracking import open_reader
from sweeper.tracking.recorded import find_trial
from tests.old_runs import BEST, RUN, STUDY, unpack
from tests.trained import KINDS, NUMBERS, ROWS, save, table, trained

pytestmark = pytest.mark.tensorflow


def chances(answers: pd.DataFrame) -> np.ndarray:
    return answers[[name for name in answers if name.startswith("P(")] or ["prediction"]].to_numpy()


def close(one, other):
    """To 1e-6; of numbers greater than 1, of themselves."""
    return np.all(np.abs(one - other) <= 1e-6 * np.maximum(1, np.abs(other)))


@pytest.mark.parametrize("kind", KINDS)
def test_rows_get_what_the_trial_said_of_them_when_it_was_validated(run_of, kind):
    run = run_of(kind)
    document, answers = predict(run.found.run_id, run.file, runs=run.runs)
    assert document["rows"] == len(run.labels) == len(answers)
    assert document["members"] == 2
    assert close(chances(answers), run.said.mean(axis=0))
    if kind in NUMBERS:
        assert list(answers) == ["prediction", "note"]
        return
    names = np.array(document["classes"])
    assert answers["class"].tolist() == names[run.said.mean(axis=0).argmax(axis=1)].tolist()
    assert np.array_equal(answers["probability"], chances(answers).max(axis=1))


@pytest.mark.parametrize("kind", KINDS)
def test_what_this_compares_with_is_what_the_trial_was_recorded_with(run_of, kind):
    run = run_of(kind)
    result = run.found.record.result
    for member, (said, loss) in enumerate(zip(run.said, result.validation.loss, strict=True)):
        if kind in NUMBERS:
            errors = (said[:, 0] - run.labels) / result.data["target"]["scale"]
            assert loss == pytest.approx(np.square(errors).mean(), rel=1e-4)
            continue
        assert np.array_equal(said.argmax(axis=1) == run.labels, bits.unpack(result.correct[member], len(run.labels)))
        assert loss == pytest.approx(-np.log(said[np.arange(len(said)), run.labels]).mean(), rel=1e-5)


def test_the_order_of_columns_and_the_kind_of_file_do_not_count(run_of, tmp_path):
    run = run_of("csv")
    expected = predict(run.found.run_id, run.file, runs=run.runs)[1]
    other = run.raw[run.raw.columns[::-1]].assign(more=1)
    other["seen"] = pd.to_datetime(other["seen"])
    other.to_parquet(tmp_path / "new.parquet")
    answers = predict(run.found.run_id, tmp_path / "new.parquet", runs=run.runs)[1]
    assert answers.equals(expected)


def test_the_preprocessing_in_the_model_is_plain(run_of):
    for kind in KINDS:
        with zipfile.ZipFile(run_of(kind).models[0]) as archive:
            assert json.loads(archive.read(preprocessing.MEMBER))["schema"] == preprocessing.SCHEMA


def test_nothing_sealed_is_opened_or_read(run_of, monkeypatch):
    run = run_of("csv")

    def refuse(*_args, **_more):
        pytest.fail("the data of training were read")

    for name in ("evaluate", "training", "_read"):
        monkeypatch.setattr(sealed, name, refuse)
    predict(run.found.run_id, run.file, runs=run.runs)
    assert not (run.runs / LEDGER).exists() or not ledger.entries(run.runs / LEDGER)


def test_rows_that_look_unlike_training_get_a_note_and_an_answer_all_the_same(run_of, tmp_path):
    run = run_of("csv")
    rows = run.raw.head(8).astype(object)
    rows.loc[0, "age"] = 500
    rows.loc[1, "city"] = "Ulm"
    rows.loc[2, "age"] = None
    rows.loc[3, "seen"] = "2051-02-03"
    rows.loc[4, "income"] = None  # training lacked some, too
    rows.loc[5, ["size", "zip"]] = ["", None]
    save(rows, tmp_path / "new.csv", "csv")
    document, answers = predict(run.found.run_id, tmp_path / "new.csv", runs=run.runs)
    assert [note.split(" is ")[0] for note in answers["note"]] == [
        "age 500", "city 'Ulm'", "age", "seen 2051-02-03", "", "zip", "", "",
    ]  # fmt: skip
    assert document["unlike"] == {"rows": 5, "share": 5 / 8}
    assert np.isfinite(chances(answers)).all()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda rows: rows.drop(columns="age"), "there is no column 'age', which training had"),
        (lambda rows: rows.rename(columns={"income": "incomes"}), "no column 'income'.*is it 'incomes'?"),
        (lambda rows: rows.assign(age="old"), "'age' holds no number values.*'old' in data row 1 is no number"),
        (lambda rows: rows.assign(seen="soon"), "'seen' holds no date values"),
        (lambda rows: rows.assign(smokes="perhaps"), "'smokes' holds no yes/no values.*'perhaps'"),
        (lambda rows: rows.assign(age=1e31), "'age' has infinite or enormous values"),
    ],
)
def test_rows_of_another_kind_are_refused_in_one_line(run_of, tmp_path, change, told):
    run = run_of("csv")
    save(change(run.raw.head(3)), tmp_path / "new.csv", "csv")
    with pytest.raises(InputError, match=told):
        predict(run.found.run_id, tmp_path / "new.csv", runs=run.runs)


def test_dates_are_no_numbers_and_numbers_no_dates(run_of, tmp_path):
    run = run_of("parquet")
    for column, other, told in (("age", "seen", "timestamp"), ("seen", "id", "int64")):
        run.raw.assign(**{column: run.raw[other]}).to_parquet(tmp_path / "new.parquet")
        with pytest.raises(InputError, match=f"'{column}' holds no .* values as in training: they are {told}"):
            predict(run.found.run_id, tmp_path / "new.parquet", runs=run.runs)


def test_images_are_brought_to_the_unit_of_training_and_others_refused(run_of, tmp_path):
    run = run_of("images")
    np.save(tmp_path / "new.npy", run.raw / 255)
    document, answers = predict(run.found.run_id, tmp_path / "new.npy", runs=run.runs)
    assert np.abs(chances(answers) - run.said.mean(axis=0)).max() < 1e-6
    assert "multiplied by 255" in document["notes"][0]
    np.save(tmp_path / "new.npy", run.raw[:, :4])
    with pytest.raises(InputError, match=r"shape \[\d+, 4, 5\], and training had examples of \[6, 5\]"):
        predict(run.found.run_id, tmp_path / "new.npy", runs=run.runs)
    save(table(typed=False), tmp_path / "new.csv", "csv")
    with pytest.raises(InputError, match="it is a table, and training had arrays"):
        predict(run.found.run_id, tmp_path / "new.csv", runs=run.runs)


def test_a_test_split_is_refused(run_of, tmp_path):
    run = run_of("images")
    np.savez(tmp_path / "test.npz", x_train=run.raw, x_test=run.raw)
    with pytest.raises(InputError, match="holds a test split, which is sealed"):
        predict(run.found.run_id, tmp_path / "test.npz", runs=run.runs)


def test_the_test_file_of_the_run_is_refused_and_its_training_file_is_no_score(run_of, tmp_path, monkeypatch):
    run = run_of("csv")
    training = run.file.with_name("train.csv")
    document, _ = predict(run.found.run_id, training, runs=run.runs)
    assert document["notes"][-1].endswith("was trained on: what is right in it is no score of the model")
    config = replace(run.found.config, dataset=replace(run.found.config.dataset, test_path=str(run.file)))
    monkeypatch.setattr(models, "subject", lambda *_: replace(run.found, config=config))
    with pytest.raises(InputError, match=r"is the test file of .*, which is sealed"):
        predict(run.found.run_id, run.file, runs=run.runs)


def test_a_study_is_its_chosen_trial_and_a_repeated_one_the_one_that_was_trained(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    runs = unpack(tmp_path)
    assert models.trained_model(STUDY, runs).found.title == f"{STUDY}:{BEST}" == f"{STUDY}:{winner(STUDY, runs)}"
    other = find_trial(open_reader(runs), STUDY, 0)
    assert models.trained_model(f"{STUDY}:0", runs).found.title == f"{STUDY}:0"
    monkeypatch.setattr(models, "subject", lambda *_: replace(other, facts={"same_as": str(BEST)}))
    assert models.trained_model(f"{STUDY}:0", runs).found.title == f"{STUDY}:{BEST}"


def test_a_run_from_before_gets_its_preprocessing_from_the_same_data(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    runs = unpack(tmp_path)
    np.save(tmp_path / "new.npy", np.zeros((3, 8, 8), np.uint8))
    document, answers = predict(RUN, tmp_path / "new.npy", runs=runs)
    assert document["classes"] == list("0123456789")
    assert chances(answers).sum(axis=1) == pytest.approx(1)


def test_a_run_from_before_whose_data_are_gone_says_so(tmp_path, monkeypatch):
    run = trained("flat", tmp_path, monkeypatch)
    data = run.file.with_name("train.npz")
    for model in run.models:
        stripped = tmp_path / "model.keras"
        with zipfile.ZipFile(model) as old, zipfile.ZipFile(stripped, "w") as new:
            for name in set(old.namelist()) - {preprocessing.MEMBER}:
                new.writestr(name, old.read(name))
        stripped.replace(model)
    assert close(chances(predict(run.found.run_id, run.file, runs=run.runs)[1]), run.said.mean(axis=0))
    np.savez(data, x=np.ones((ROWS, 4)) + np.arange(ROWS)[:, None], y=np.arange(ROWS) % 3)
    with pytest.raises(InputError, match=r"from before models kept their preprocessing.*the data have the digest"):
        predict(run.found.run_id, run.file, runs=run.runs)
    data.unlink()
    with pytest.raises(InputError, match=r"from before models kept their preprocessing.*there is no file"):
        predict(run.found.run_id, run.file, runs=run.runs)
