import json
from dataclasses import replace

import pytest

from sweeper.report.answer.answer import Answer, ConditionResult
from sweeper.report.answer.report import ALL, answer_document, answers_document, publish_answer, publish_answers
from sweeper.report.documents.html import to_html
from sweeper.report.documents.markdown import markdown_text
from sweeper.report.documents.model import Callout, Code, Link, Paragraph, Table, figures, walk
from sweeper.report.documents.provenance import duration, provenance_blocks
from sweeper.report.documents.publish import publish
from sweeper.report.facts import LOSS, Provenance, TrialRow, ordinal
from sweeper.report.study.facts import StudyFacts
from sweeper.report.study.report import publish_study, study_document

NOWHERE = Provenance("", "digits", "abc")


@pytest.fixture(scope="module")
def page(study):
    return study_document(study)


def _blocks(document, kind):
    everything = [*document.blocks, *(block for _, section in walk(document) for block in section.blocks)]
    return [block for block in everything if isinstance(block, kind)]


def _table(document, start):
    return next(table for table in _blocks(document, Table) if table.caption.startswith(start))


def _column(table, name):
    at = [column.name for column in table.columns].index(name)
    return [table.columns[at].text(row[at]) for row in table.rows]


def test_an_answer_says_its_sentences_and_warnings_first(answer):
    document = answer_document(answer)
    leading = next(block for block in document.blocks if isinstance(block, Paragraph) and block.leading)
    assert leading.text == " ".join(answer.sentences)
    assert [block.text for block in document.blocks if isinstance(block, Callout)] == list(answer.warnings)
    assert document.title == answer.title


def test_an_answers_conditions_have_all_their_numbers(answer):
    table = _table(answer_document(answer), "Each condition")
    assert _column(table, "Condition") == [c.name for c in answer.conditions]
    assert _column(table, "Validation accuracy")[0] == f"{100 * answer.conditions[0].value:.2f}%"
    assert _column(table, "Seeds") == ["6"] * 6
    assert _column(table, "Gap") == ["1.20 pp"] * 6
    assert _column(table, "Verdict") == [c.verdict for c in answer.conditions]
    assert "Student" in table.caption
    tuned = _table(answer_document(answer), "What was tuned")
    assert _column(tuned, "learning_rate") == ["0.31", "0.22", "0.35", "1.9", "0.4", "0.08"]


def test_an_answers_pairs_have_difference_interval_probability_and_verdict(answer):
    table = _table(answer_document(answer), "Differences")
    pair = answer.pairs[0]
    assert _column(table, "A less B")[0] == f"{100 * pair.difference:+.2f}".replace("-", "−")
    assert _column(table, "A is") == [p.verdict for p in answer.pairs]
    assert _column(table, "A beats B")[0] == f"{pair.improvement.probability:.0%}"
    assert "5 comparisons" in table.caption
    assert any(column.verdicts for column in table.columns)


def test_an_answer_as_json_has_a_verdict_for_each_pair(answer):
    value = json.loads(json.dumps(answer.to_json()))
    assert [pair["verdict"] for pair in value["pairs"]] == [pair.verdict for pair in answer.pairs]
    assert set(value["pairs"][0]) >= {"a", "b", "difference", "interval", "probability_of_improvement", "comparisons"}
    assert value["conditions"][0]["per_seed"] == list(answer.conditions[0].points)
    assert value["tables"][0]["rows"][0] == {"Activation": "relu", "Steps": 1650}
    assert [figure["name"] for figure in value["figures"]] == [figure.name for figure in answer.figures]


def test_an_answer_that_compares_nothing_is_still_a_document():
    answer = Answer("test-tuning", "Is it okay?", "Is it okay?", ("No.",), NOWHERE)
    document = answer_document(answer)
    assert [section.title for _, section in walk(document)] == ["Where it comes from"]
    assert [block.text for block in document.blocks if isinstance(block, Paragraph)] == ["No."]


def test_test_numbers_come_with_their_opening(answer):
    tested = replace(
        answer,
        conditions=[replace(c, test=0.96) for c in answer.conditions],
        ledger="5th opening of this test set",
    )
    document = answer_document(tested)
    assert _column(_table(document, "Each condition"), "Test") == ["96.00%"] * 6
    assert "5th opening of this test set" in [block.text for block in _blocks(document, Callout)]


def test_a_loss_is_no_percentage():
    conditions = [ConditionResult("a", 0.09312, None, (0.09, 0.096)), ConditionResult("b", 0.1)]
    answer = Answer("loss", "Which?", "", ("A.",), NOWHERE, conditions, measure=LOSS)
    assert _column(_table(answer_document(answer), "Each"), "Validation loss") == ["0.09312", "0.1"]


def test_all_answers_are_one_page_with_links(answer):
    other = Answer("width", "Do wide networks win?", "", ("Yes, by 1.2 points.", "More."), NOWHERE)
    document = answers_document([answer, other])
    table = document.blocks[1]
    assert [row[0] for row in table.rows] == [Link(a.title, a.title) for a in (answer, other)]
    assert table.rows[1][1] == "Yes, by 1.2 points."
    assert 'href="#do-wide-networks-win"' in to_html(document)
    assert [section.title for level, section in walk(document) if level == 1] == [answer.title, other.title]


def test_answers_are_published_alone_and_together(answer, tmp_path):
    assert publish_answer(answer, tmp_path).folder.name == "activation"
    together = publish_answers([answer], tmp_path)
    assert together.folder.name == ALL
    assert len(json.loads(together.json.read_text())["answers"]) == 1


def test_a_studys_report_has_every_part(page):
    titles = [section.title for _, section in walk(page)]
    assert titles == [
        "The best trials",
        "How the search went",
        "What was searched",
        "What mattered",
        "How the score depends on the hyperparameters",
        "Learning curves",
        "Accuracy against cost",
        "Failures",
        "How the time was spent",
        "The test split",
        "Where it comes from",
    ]
    drawn = figures(page)
    assert set(drawn) == {
        "confirmed", "history", "tuning-curve", "importance", "slices", "contour", "parallel-coordinates",
        "learning-curves", "front", "timing",
    }  # fmt: skip
    assert all(figure.alt and figure.caption for figure in drawn.values())


def test_a_study_names_its_winner_warnings_and_commands_first(study, page):
    assert page.blocks[0] == Paragraph(study.named, leading=True)
    warnings = [block.text for block in page.blocks if isinstance(block, Callout)]
    assert warnings[0].startswith("The best trial lies on the edge")
    assert warnings[0].endswith("Widen the range on that side.")
    assert Code(study.commands["Run the best again"]) in page.blocks


def test_original_and_confirmed_scores_stand_side_by_side(study, page):
    table = _table(page, "The leaders")
    assert _column(table, "When chosen") == [f"{100 * one.original:.2f}%" for one in study.confirmed]
    assert _column(table, "Confirmed") == [f"{100 * one.value:.2f}%" for one in study.confirmed]
    assert _column(table, "Standing")[-1] == "dropped after 3 seeds"


def test_the_best_trials_are_ordered_and_pruned_ones_are_not_among_them(study, page):
    table = _table(page, "The 10 best")
    finished = sorted((t for t in study.trials if t.state == "finished"), key=lambda t: -t.score)[:10]
    assert _column(table, "Trial") == [str(trial.number) for trial in finished]


def test_the_evaluator_of_importance_is_named(page):
    assert "fANOVA" in figures(page)["importance"].alt
    assert any("fANOVA" in paragraph.text for paragraph in _blocks(page, Paragraph))


def test_a_band_is_drawn_only_where_it_is_valid(page):
    caption = figures(page)["tuning-curve"].caption
    assert "random search: 95% band" in caption
    assert "this study (tpe): no band" in caption


def test_openings_of_the_test_split_are_counted(page, dimensions):
    assert _column(_table(page, "Openings"), "Opening") == ["1st", "2nd"]
    assert any("2nd opening of this test set" in block.text for block in _blocks(page, Callout))
    untouched = study_document(StudyFacts("new", [], dimensions, NOWHERE))
    assert any("never been opened" in block.text for block in _blocks(untouched, Paragraph))


@pytest.mark.parametrize(
    "trials",
    [
        [],
        [TrialRow(0, "failed", None, {"learning_rate": 0.1}, failure="diverged: loss is not finite at step 3")],
        [TrialRow(0, "finished", 0.9, {"learning_rate": 0.1})],
        [TrialRow(0, "pruned", 0.9, {}), TrialRow(1, "finished", 0.8, {"learning_rate": 0.2, "l2": 1e-4})],
    ],
)
def test_a_study_of_next_to_nothing_has_a_report(trials, dimensions):
    document = study_document(StudyFacts("small", trials, dimensions, NOWHERE))
    assert to_html(document)
    assert markdown_text(document)


def test_a_study_without_a_finished_trial_says_so(dimensions):
    failed = [TrialRow(0, "failed", None, {}, failure="diverged: step 3")]
    document = study_document(StudyFacts("bad", failed, dimensions, NOWHERE))
    assert document.blocks[0].text == "None of 1 trials finished, so there is no best one."
    assert _column(_table(document, "Failed trials"), "Why") == ["diverged: step 3"]


def test_the_same_study_makes_the_same_report_to_the_last_byte(study, page, tmp_path):
    first = publish(page, tmp_path, "study-activation-and-rate", study.to_json())
    again = publish_study(study, tmp_path)
    assert again.earlier is None
    assert first.folder.name == "study-activation-and-rate"
    assert json.loads(first.json.read_text())["trials"][0]["number"] == 0


def test_provenance_says_what_is_known_and_leaves_out_the_rest():
    facts, said, code = provenance_blocks(
        Provenance("sweeper run", "mnist", "d", {"train": 55000}, 5000, (3, 4, 5), 2, 61.0)
    )
    assert facts.rows == {
        "Data set": "mnist (55,000 train)",
        "SHA-256 of the data": "d",
        "Steps of a training": "5,000",
        "Seeds": "3 to 5",
        "Trainings": "2",
        "Time": "1 min 1 s",
    }
    assert said.text == "The same again:"
    assert code.text == "sweeper run"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.5, "0.5 s"), (42.31, "42.3 s"), (59.7, "1 min"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
)
def test_duration(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd"), (113, "113th")]
)
def test_ordinal(number, text):
    assert ordinal(number) == text
