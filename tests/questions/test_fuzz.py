"""Whatever a question file holds, it is a question or one clear line."""

import tempfile
from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweeper.errors import InputError
from sweeper.questions.ask.prepare import prepare
from sweeper.questions.ask.question import KEYS, read

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 40),
    st.floats(),
    st.sampled_from(
        ["relu,tanh", "relu", "tag(log,interval(1e-3,1))", "interval(1,0)", "choice([],[9])", "range(1,3)", "0.1,0.2",
         "steps=4", "dataset=digits", "l2=-1", "dropout=2", "=", "a=b", "+x=1", "~steps", "${x}", "compare", "gap",
         "test_tuning", "batch_size", "", "\n", "é", "../x"]
    ),
    st.text(max_size=6),
)  # fmt: skip
NAMES = st.one_of(
    st.sampled_from(["activation", "learning_rate", "hidden", "dropout", "dataset", "seed", "steps", "a", "b", ""]),
    SCALARS.filter(lambda value: value == value),  # noqa: PLR0124 - a NaN is no key
)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(NAMES, st.one_of(SCALARS, st.lists(SCALARS, max_size=3)), max_size=3))  # fmt: skip # noqa: E501
FILES = st.dictionaries(st.one_of(st.sampled_from(KEYS), NAMES), VALUES, max_size=6)


def asked(content):
    """The question out of a file, prepared; or the error that it is."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mine.yaml"
        path.write_text(content, encoding="utf-8")
        try:
            question = read(path)
            prepare(question, ["dataset=digits"])
            return prepare(question, ["dataset=digits"], quick=True)
        except InputError as error:
            return error


def check(found):
    if isinstance(found, InputError):
        assert found.message
        assert "\n" not in found.message + found.hint


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FILES)
def test_a_mapping_is_a_question_or_one_line(values):
    check(asked(yaml.safe_dump(values, allow_unicode=True)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["scientific", "nuisance", "candidates", "conditions", "quick"]),
    st.dictionaries(NAMES, VALUES, max_size=3),
)
def test_a_good_question_with_one_part_spoilt(part, values):
    good = {"scientific": {"activation": "relu,tanh"}, "budget": 4, "repeats": 3, "fixed": ["steps=4"]}
    if part in {"candidates", "conditions"}:
        del good["scientific"]
    check(asked(yaml.safe_dump(good | {part: values}, allow_unicode=True)))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text(text):
    check(asked(text.replace("\r", "").replace("\0", "").encode("utf-8", "replace").decode()))
