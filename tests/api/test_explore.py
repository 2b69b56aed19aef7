"""A question of one's own from Python, and its answer as an object."""

import pytest

import sweeper


@pytest.mark.tensorflow
@pytest.mark.usefixtures("warm")
def test_a_question_is_asked_and_its_answer_is_an_object(tmp_path, capfd):
    asked = {"scientific": {"activation": sweeper.choice("relu", "tanh")}, "progress": False}
    found = sweeper.explore(dataset="digits", hidden=[5], steps=20, runs=tmp_path, **asked)
    (answer,) = found
    assert capfd.readouterr() == ("", "")
    assert [one["name"] for one in answer.conditions] == ["relu", "tanh"]
    assert found.to_dict()["answers"][0]["conditions"] == list(answer.conditions)
    assert {"name", "mean", "low", "high", "verdict"} <= set(answer.to_frame().columns)
    assert list(found.to_frame()["question"]) == [answer.question] * 2
    page = found._repr_html_()
    assert str(answer) in page
    assert page.count("data:image/png") == 1
    assert found._repr_png_()[:4] == b"\x89PNG"
    assert len(sweeper.results(answer.study, runs=tmp_path)) == sum(one["seeds"] for one in answer.conditions)
