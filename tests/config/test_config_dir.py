"""A user's own folder: presets, data sets, spaces, a config.yaml of its own, and what can be wrong with it."""

from dataclasses import replace
from pathlib import Path

import pytest

from sweeper.config.compose import compose, options, space_file
from sweeper.config.planning import plan_space
from sweeper.config.scalars import check_scalars
from sweeper.config.schema import Adam, Config, Dataset, Init, Momentum
from sweeper.errors import InputError


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_a_preset_is_an_option_beside_the_shipped_ones(tmp_path):
    folder = write(tmp_path, optimizer__slow_adam="name: adam\nbeta_1: 0.99\n")
    assert compose(["optimizer=slow_adam"], folder) == replace(Config(), optimizer=Adam(beta_1=0.99))
    assert compose(["optimizer=momentum"], folder).optimizer == Momentum()
    assert {"slow_adam", "sgd"} <= set(options("optimizer", folder))
    with pytest.raises(InputError, match="did you mean slow_adam"):
        compose(["optimizer=slo_adam"], folder)
    with pytest.raises(InputError, match="no such option: slow_adam"):
        compose(["optimizer=slow_adam"])


def test_a_shipped_option_can_be_overridden(tmp_path):
    folder = write(tmp_path, init__truncated_normal="name: truncated_normal\nstddev: 0.05\n")
    assert compose([], folder).init == Init(stddev=0.05)


def test_a_data_set_of_ones_own(tmp_path):
    folder = write(tmp_path, dataset__mine="name: csv\npath: mine.csv\ntarget: digit\n")
    assert compose(["dataset=mine"], folder).dataset == Dataset("csv", "mine.csv", "digit")


def test_a_folder_whose_path_needs_quoting(tmp_path):
    folder = tmp_path / "it's, [my] conf=1"
    folder.mkdir()
    write(folder, optimizer__mine="name: adam\n")
    assert compose(["optimizer=mine"], folder).optimizer == Adam()


def test_a_config_of_ones_own_needs_only_what_differs(tmp_path):
    folder = write(
        tmp_path,
        config="defaults: [{optimizer: adam}, _self_]\nactivation: tanh\nepochs: 2\noptimizer: {beta_1: 0.8}\n",
    )
    mine = replace(Config(), activation="tanh", epochs=2.0, steps=None, optimizer=Adam(beta_1=0.8))
    assert compose([], folder) == mine
    assert compose(["steps=7"], folder) == replace(mine, steps=7, epochs=None)
    assert compose(["init=he_normal", "optimizer=nadam"], folder) == replace(
        mine, init=Init("he_normal"), optimizer=Adam("nadam", beta_1=0.8)
    )


def test_short_forms_in_a_config_of_ones_own(tmp_path):
    folder = write(tmp_path, config="optimizer: adam\nvalidation: 500\nvalidate_every: ${log_every}\nlog_every: 50\n")
    made = compose(["optimizer.beta_1=0.7"], folder)
    assert (made.optimizer, made.validation.size, made.validate_every) == (Adam(beta_1=0.7), 500, 50)


def test_a_group_of_ones_own_bundles_keys(tmp_path):
    folder = write(tmp_path, experiment__wide="# @package _global_\nhidden: [300, 100]\ndropout: 0.2\n")
    assert compose(["experiment=wide"], folder) == replace(Config(), hidden=(300, 100), dropout=0.2)
    assert compose(["experiment=wide", "dropout=0"], folder) == replace(Config(), hidden=(300, 100))
    with pytest.raises(InputError, match="experiment: no such option: wild; did you mean wide"):
        compose(["experiment=wild"], folder)


def test_a_file_that_changes_is_read_again(tmp_path):
    import os

    folder = write(tmp_path, optimizer__mine="name: adam\nbeta_1: 0.8\n")
    assert compose(["optimizer=mine"], folder).optimizer == Adam(beta_1=0.8)
    write(folder, optimizer__mine="name: adam\nbeta_1: 0.7\n")
    os.utime(folder / "optimizer" / "mine.yaml", ns=(1, 1))
    assert compose(["optimizer=mine"], folder).optimizer == Adam(beta_1=0.7)


@pytest.mark.parametrize(
    ("files", "typed", "message"),
    [
        ({"optimizer__mine": "name: [\n"}, ["optimizer=mine"], "line 2"),
        ({"optimizer__mine": "name: adam\n\tbeta_1: 1\n"}, ["optimizer=mine"], "mine.yaml"),
        ({"optimizer__mine": "name: adam\nbeta1: 0.8\n"}, ["optimizer=mine"], "did you mean optimizer.beta_1?"),
        ({"optimizer__mine": "name: adan\n"}, ["optimizer=mine"], "did you mean adam?"),
        (
            {"optimizer__mine": "name: adam\nbeta_1: high\n"},
            ["optimizer=mine"],
            "optimizer.beta_1: high is not a number",
        ),
        ({"optimizer__mine": "- adam\n"}, ["optimizer=mine"], "optimizer: no such name: [adam]"),
        ({"config": "defaults: [{optimizer: nowhere}]\n"}, [], "Could not find 'optimizer/nowhere'"),
        ({"config": "learning_rte: 1\n"}, [], "learning_rte: no such key; did you mean learning_rate?"),
        ({"config": "steps: 5\nepochs: 5\n"}, [], "both steps and epochs are given"),
        ({"config": "learning_rate: ${nowhere}\n"}, [], "'nowhere' not found"),
        ({"config": "learning_rate: .nan\n"}, [], "learning_rate: nan is not a finite number"),
        ({"config": "optimizer: null\n"}, [], "optimizer: no such name: null"),
        ({"config": "dataset: {path: 2020-01-01}\n"}, [], "dataset.path"),
        ({"experiment__x": "hidden: [3]\n"}, ["experiment=x"], "experiment: no such key"),
    ],
)
def test_what_can_be_wrong_with_it_is_one_line(tmp_path, files, typed, message):
    with pytest.raises(InputError) as caught:
        compose(typed, write(tmp_path, **files))
    assert message in caught.value.message
    assert "\n" not in caught.value.message


def test_options_are_names_and_no_paths(tmp_path):
    write(tmp_path, secret="name: adam\n")
    folder = write(tmp_path / "conf", optimizer__mine="name: adam\n")
    for typed in ("optimizer=../../secret", "optimizer=/etc/passwd", "..=secret", "optimizer/../..=secret", "/=x"):
        with pytest.raises(InputError):
            compose([typed], folder)


def test_a_link_to_nowhere_is_passed_over(tmp_path):
    folder = write(tmp_path, optimizer__mine="name: adam\n")
    (folder / "optimizer" / "gone.yaml").symlink_to(folder / "nowhere.yaml")
    assert compose(["optimizer=mine"], folder).optimizer == Adam()


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "config.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        compose([], tmp_path)


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_folder_that_is_not_there_or_holds_nothing(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as caught:
        compose([], tmp_path / name)
    assert caught.value.key == "config_dir"


def test_a_space_of_ones_own_builds_on_a_shipped_one(tmp_path):
    folder = write(
        tmp_path, space__mine="defaults: [small, _self_]\nl2: tag(log,interval(1e-5,1e-2))\nbatch_size: 50\n"
    )
    made = plan_space([], space="mine", config_dir=folder)
    assert list(made.dimensions) == ["activation", "learning_rate", "l2"]
    assert made.fixed == ("batch_size=50",)
    assert made.config({"activation": "tanh", "learning_rate": 0.1, "l2": 1e-3}).batch_size == 50


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("activation: [relu, tanh]\n", "space mine: activation is neither a sweep nor a value"),
        ("activation: relu,tahn\n", "did you mean tanh?"),
        ("activtion: relu,tanh\n", "space mine: activtion: no such key; did you mean activation?"),
        ("learning_rate: interval(1,0.1)\n", "space mine: learning_rate: the interval from 1 to 0.1 is reversed"),
        ("learning_rate: interval(1,\n", "space mine: learning_rate=interval(1, cannot be read"),
        ("hidden: '[5],[6]'\nhidden.depth: 1,2\n", "both hidden and hidden.depth are given"),
        ("- relu\n", "cannot be read"),
        ("activation: relu\n", "nothing is left to search"),
    ],
)
def test_what_can_be_wrong_with_a_space(tmp_path, text, message):
    with pytest.raises(InputError) as caught:
        plan_space([], space="mine", config_dir=write(tmp_path, space__mine=text))
    assert message in caught.value.message


def test_presets_can_be_searched_unless_they_change_other_keys(tmp_path):
    files = {
        "optimizer__mine": "name: adam\nbeta_1: 0.8\n",
        "optimizer__fast": "# @package _global_\nlearning_rate: 1\n",
    }
    folder = write(tmp_path, **files)
    made = plan_space(["optimizer=sgd,mine", "optimizer.beta_2=0.9,0.99"], space="none", config_dir=folder)
    assert made.config({"optimizer": "mine", "optimizer.beta_2": 0.9}).optimizer == Adam(beta_1=0.8, beta_2=0.9)
    assert "optimizer.beta_2" not in made.grid()[0]
    with pytest.raises(InputError, match="optimizer=fast sets keys beside optimizer"):
        plan_space(["optimizer=sgd,fast"], space="none", config_dir=folder)


def test_a_space_knows_the_config_of_ones_own(tmp_path):
    folder = write(tmp_path, config="epochs: 2\nhidden: [20]\n")
    made = plan_space(["activation=relu,tanh"], space="none", config_dir=folder)
    assert made.config({"activation": "tanh"}) == replace(
        Config(), activation="tanh", hidden=(20,), epochs=2.0, steps=None
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed: 010", "YAML reads 010 as 8"),
        ("batch_size: 0x10", "YAML reads 0x10 as 16"),
        ("steps: 1:30", "YAML reads 1:30 as 90"),
        ("hidden: [0b11]", "YAML reads 0b11 as 3"),
        ("lr_decay: on", "YAML reads on as true"),
    ],
)
def test_a_number_that_the_command_line_reads_otherwise_is_refused_where_it_stands(tmp_path, text, said):
    (tmp_path / "config.yaml").write_text(f"# mine\n{text}\n")
    with pytest.raises(InputError, match=said) as caught:
        compose([], tmp_path)
    assert f"{tmp_path / 'config.yaml'}, line 2" in caught.value.message


@pytest.mark.parametrize(
    "text", ["0", "-1", "+5", "1_000", "0.5", ".5", "1.", "1e-3", "1.5E+2", "true", "False", "null", "'010'"]
)
def test_what_both_read_alike_is_no_matter(tmp_path, text):
    (tmp_path / "any.yaml").write_text(f"a: {text}\n")
    check_scalars(tmp_path / "any.yaml")


def test_options_and_spaces_of_a_folder_are_read_with_the_same_care(tmp_path):
    for path, text in (("optimizer/mine.yaml", "name: momentum\nmomentum: 0x1"), ("space/mine.yaml", "steps: 010")):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text(text)
    (tmp_path / "config.yaml").write_text("defaults: [_self_, optimizer: mine]\n")
    with pytest.raises(InputError, match="YAML reads 0x1 as 1"):
        compose([], tmp_path)
    (tmp_path / "config.yaml").write_text("steps: 10\n")
    with pytest.raises(InputError, match="YAML reads 0x1 as 1"):
        compose(["optimizer=mine"], tmp_path)
    with pytest.raises(InputError, match="YAML reads 010 as 8"):
        space_file("mine", tmp_path)
