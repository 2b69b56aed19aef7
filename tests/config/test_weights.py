"""Weights of classes as they are typed: in braces, in quotes, and several of them as a search."""

import pytest

from sweeper.api.keys import read
from sweeper.api.spaces import choice
from sweeper.config.compose import compose
from sweeper.config.planning import plan_space
from sweeper.config.weights import class_weights
from sweeper.errors import InputError


@pytest.mark.parametrize("typed", ["{größe:5,gut:2}", "'größe:5,gut:2'", "{'größe':5,\"gut\":2}", "{größe: 5, gut: 2}"])
def test_names_of_any_script_are_typed_as_others_are(typed):
    kept = compose([f"class_weight={typed}"]).class_weight
    assert class_weights(kept) == {"größe": 5, "gut": 2}


@pytest.mark.parametrize(
    "typed",
    ["{gut:2},{gut:3}", "'gut:2','gut:3'", "choice({gut:2},{gut:3})", "{größe:2},{größe:3}", "none,{größe:3}"],
)
def test_weightings_can_be_searched(typed):
    space = plan_space([f"class_weight={typed}"], space="none")
    made = [space.config(point).class_weight for point in space.grid()]
    name = "größe" if "größe" in typed else "gut"
    first = {} if "none" in typed else {name: 2}
    assert [class_weights(text) for text in made] == [first, {name: 3}]
    again = [compose(space.overrides(point)).class_weight for point in space.grid()]
    assert again == made


def test_weights_are_mappings_in_python():
    assert compose(read((), {"class_weight": {"größe": 5}})).class_weight == "größe:5"
    assert compose(read((), {"class_weight": {"fraud": 5}})).class_weight == "fraud:5"
    [typed] = read((), {"class_weight": choice("none", {"größe": 5})})
    space = plan_space([typed], space="none")
    assert [space.config(point).class_weight for point in space.grid()] == ["none", "größe:5"]


@pytest.mark.parametrize(
    ("text", "said"), [("3:nan", "the weight of '3' is nan"), ("a:-1", "is -1"), ("a:1,a:2", "'a' is given twice")]
)
def test_a_weight_that_is_none_is_named(text, said):
    with pytest.raises(InputError, match=said):
        class_weights(text)
