"""Nothing that is read can run code or leave its folder, and no secret of an address is shown."""

from __future__ import annotations

import ast
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest

import sweeper
from sweeper.cli.commands.tune import _again
from sweeper.config.compose import compose
from sweeper.config.schema import Dataset, Validation
from sweeper.data import load
from sweeper.errors import InputError, SweeperError
from sweeper.questions.ask.question import read
from sweeper.study.storage.location import check_name, study_file
from sweeper.tracking import open_tracker
from tests.contracts.test_trackers import record

SOURCE = Path(sweeper.__file__).parent
HOSTILE = ["../x", "/tmp/x", "a/../../x", "a\0b", "a\nb", "-x", "--x", ".", "..", "", "a/b", "~", "a\\b", "é" * 200]


@pytest.fixture(scope="module")
def trees():
    """Each file of sweeper as a syntax tree."""
    return {str(path.relative_to(SOURCE)): ast.parse(path.read_text()) for path in SOURCE.rglob("*.py")}


@pytest.fixture(scope="module")
def calls(trees):
    """Each call in them: its file, its node, and what is called."""
    return [
        (name, node, ast.unparse(node.func))
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    ]


def test_no_shell_and_no_text_is_run_as_code(calls):
    shells = [(name, call) for name, node, call in calls for word in node.keywords if word.arg == "shell"]
    forbidden = {"eval", "exec", "compile", "os.system", "os.popen", "subprocess.getoutput", "__import__"}
    assert shells == []
    assert [(name, call) for name, _, call in calls if call in forbidden] == []


def test_no_pickle_is_read_but_what_the_driver_itself_gives_its_workers(calls):
    modules = ("pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve")
    reading = [
        (name, call) for name, _, call in calls if call.split(".")[0] in modules and "load" in call.rpartition(".")[2]
    ]
    assert sorted(reading) == [("workers/fork_server.py", "pickle.loads"), ("workers/ray/delivery.py", "pickle.loads")]
    assert [name for name, _, call in calls if call.endswith(("read_pickle", "to_pickle"))] == []


def test_arrays_yaml_and_models_are_read_the_safe_way(calls, trees):
    said = [
        (name, ending, {word.arg: ast.unparse(word.value) for word in node.keywords}.get(safe))
        for name, node, call in calls
        for ending, safe in (("np.load", "allow_pickle"), ("load_model", "safe_mode"))
        if call.endswith(ending) and not call.startswith("mlflow.")  # a folder of sweeper's own, whose code it wrote
    ]
    assert len(said) >= 3
    assert {value for _, ending, value in said if ending == "np.load"} == {"False"}
    assert {value for _, ending, value in said if ending == "load_model"} == {"True"}
    yaml = {call for _, _, call in calls if call.startswith("yaml.") and "load" in call}
    assert yaml <= {"yaml.safe_load"}
    loaders = [name for name, tree in trees.items() for text in [ast.unparse(tree)] if "UnsafeLoader" in text]
    assert loaders == []


@pytest.mark.parametrize("name", HOSTILE)
def test_a_studys_name_cannot_leave_its_folder(tmp_path, name):
    with pytest.raises(InputError):
        check_name(name)
    with pytest.raises(InputError):
        study_file(tmp_path, name)


@pytest.mark.parametrize("name", HOSTILE)
def test_nor_can_a_data_sets(name):
    with pytest.raises(InputError):
        load(Dataset(name), Validation(5))


@pytest.mark.parametrize("name", ["../x", "/tmp/x", "a/../../x"])
def test_nor_can_the_folder_of_an_artifact(tmp_path, name):
    file = tmp_path / "a.txt"
    file.write_text("a")
    with open_tracker(tmp_path / "runs") as tracker:
        run = tracker.record(record("a"))
        with pytest.raises(SweeperError, match="leaves its run"):
            tracker.update(run, artifacts=[(file, name)])


@pytest.mark.parametrize("text", ["!!python/object/apply:os.system ['touch PATH']", "steps: !!python/name:os.system"])
def test_yaml_makes_no_objects(tmp_path, text):
    mark, file = tmp_path / "mark", tmp_path / "conf" / "config.yaml"
    file.parent.mkdir()
    file.write_text(text.replace("PATH", str(mark)))
    with pytest.raises(InputError):
        read(file)
    with pytest.raises(InputError):
        compose([], config_dir=file.parent)
    assert not mark.exists()


@pytest.mark.parametrize("words", [["--storage", "URL"], ["--storage=URL"]])
def test_the_command_that_goes_on_is_shown_without_its_password(words):
    url = "postgresql://me:geheim@host/db"
    shown = _again(["tune", "hidden=[4]", *(word.replace("URL", url) for word in words)], url)
    assert "geheim" not in shown
    assert shlex.split(shown)[:3] == ["sweeper", "tune", "hidden=[4]"]
    assert "postgresql://me@host/db" in shown


def arguments():
    """The command lines of all processes, which everybody on the machine can read."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes())
        except OSError:
            continue
    return b"\n".join(found)


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("command", "code"),
    [(["run", "dataset=digits", "hidden=[4]", "steps=5", "--json", "--debug"], 0), (["results", "--debug"], 1)],
)
def test_a_tracking_servers_password_is_shown_nowhere(tmp_path, command, code):
    runs, secret = tmp_path / "runs", "geheim-4321"
    runs.mkdir()
    environment = os.environ | {"MLFLOW_TRACKING_URI": f"http://me:{secret}@127.0.0.1:9", "SWEEPER_RUNS": str(runs)}
    whole = [sys.executable, "-m", "sweeper", *command]
    process = subprocess.Popen(whole, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    seen = b""
    while process.poll() is None:
        seen += arguments()
        time.sleep(0.3)
    out, err = process.communicate()
    assert process.returncode == code, err
    assert b"127.0.0.1:9" in out + err
    assert secret.encode() not in out + err + seen
    kept = [path for path in runs.rglob("*") if path.is_file()]
    assert not [path for path in kept if secret.encode() in path.read_bytes()]


def test_telemetry_of_mlflow_is_off_unless_the_environment_says_otherwise(tmp_path):
    code = (
        "from sweeper.tracking import open_tracker; from pathlib import Path; import sys\n"
        "with open_tracker(Path(sys.argv[1])) as tracker: tracker.open_study('s', {}); tracker.flush()\n"
        "from mlflow.telemetry.utils import is_telemetry_disabled; print(bool(is_telemetry_disabled()))"
    )
    unset = {"MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK", "CI", "GITHUB_ACTIONS", "PYTEST_CURRENT_TEST"}
    plain = {key: value for key, value in os.environ.items() if key not in unset}
    for more, off in (({}, "True"), ({"MLFLOW_DISABLE_TELEMETRY": "false", "DO_NOT_TRACK": "false"}, "False")):
        command = [sys.executable, "-c", code, str(tmp_path)]
        said = subprocess.run(command, env=plain | more, capture_output=True, text=True, check=True).stdout
        assert said.strip() == off
