"""What people type wrong: each is one line that says what to type, and nothing is loaded or written for it."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
import sys

import pytest
import typer

from sweeper.cli.app import app, invoke
from sweeper.cli.examples import EXAMPLES
from sweeper.cli.named import studies

MISTAKES = {
    # keys typed as options, and the other way round
    "run --activation tanh": "sweeper run activation=tanh",
    "run --activation=tanh": "sweeper run activation=tanh",
    "run --learning-rate 0.1": "sweeper run learning_rate=0.1",
    "run --lr 0.1": "sweeper run learning_rate=0.1",
    "run --repeats 5": "sweeper run repeats=5",
    "run -dataset digits": "sweeper run dataset=digits",
    "run --hidden '[100,30]'": "sweeper run 'hidden=[100,30]'",
    "tune trials=50": "sweeper tune --trials 50",
    "tune study=first": "sweeper tune --study first",
    # without, or with too many, signs of equality
    "run learning_rate 0.1": "sweeper run learning_rate=0.1",
    "run activation = tanh": "sweeper run activation=tanh",
    "run activation= tanh": "sweeper run activation=tanh",
    "run activation:tanh": "sweeper run activation=tanh",
    "run dataset digits --threads 2": "sweeper run dataset=digits --threads 2",
    "run tanh": "sweeper run activation=tanh",
    "run my.csv": "sweeper run dataset=csv dataset.path=my.csv dataset.target=COLUMN",
    "run 'hidden=[100,' '30]'": "sweeper run 'hidden=[100,30]'",
    "run hidden=100 30": "sweeper run 'hidden=[100,30]'",
    "run 'hidden=[100,30'": "sweeper run 'hidden=[100,30]'",
    "tune 50": "sweeper tune --trials 50",
    # keys and values by other names
    "run lr=0.1": "sweeper run learning_rate=0.1",
    "run batch=32": "sweeper run batch_size=32",
    "run epoch=3": "sweeper run epochs=3",
    "run activaton=tanh": "sweeper run activation=tanh",
    "run activation=tahn": "sweeper run activation=tanh",
    "run optimizer=Adam": "sweeper run optimizer=adam",
    "run loss=crossentropy": "sweeper run loss=cross_entropy",
    "run dataset=minst": "sweeper run dataset=mnist",
    "run dataset=npz dataset.path=": "sweeper run dataset=npz dataset.path=FILE",
    "run dataset=npy dataset.path= steps=3": "sweeper run dataset=npy dataset.path=FOLDER steps=3",
    "run dataset=my.csv": "sweeper run dataset=csv dataset.path=my.csv dataset.target=COLUMN",
    "run init=xavier": "sweeper run init=glorot_uniform",
    "run momentum=0.9": "sweeper run optimizer=momentum optimizer.momentum=0.9",
    "run optimizer.lr=0.1": "sweeper run learning_rate=0.1",
    "run weight_decay=0.1": "sweeper run l2=0.1",
    "run learning_rate=fast": "sweeper run learning_rate=0.1",
    "run learning_rate=0,1": "sweeper run learning_rate=0.1",
    "run hidden=100,30": "sweeper run 'hidden=[100,30]'",
    "run activation=relu,tanh": "sweeper tune activation=relu,tanh",
    "run epochs=3 steps=100": "sweeper run epochs=3",
    "run metrics=auc,f1_macro": "sweeper run 'metrics=[auc,f1_macro]'",
    "tune metrics=auc,f1_macro": "sweeper tune 'metrics=[auc,f1_macro]'",
    "tune dataset.drop=a,b": "sweeper tune 'dataset.drop=[a,b]'",
    "run validation.folds=1": "sweeper run validation.folds=5",
    "tune --objective validation.balance": "sweeper tune --objective validation.balanced_accuracy",
    "report first:3": "sweeper report first",
    # searches
    "tune --pruner hyperbnd": "sweeper tune --pruner hyperband",
    "tune --sampler bayesian": "sweeper tune --sampler tpe",
    "tune --objective accuracy": "sweeper tune --objective validation.accuracy",
    "tune --constraint 'params<=5000'": "sweeper tune --constraint 'parameters<=5000'",
    "tune --trials fifty": "sweeper tune --trials 50",
    "tune --trial 5": "sweeper tune --trials 5",
    "tune --n-trials 5": "sweeper tune --trials 5",
    "tune --resume first": "sweeper tune --study first",
    "tune --study 'my study'": "sweeper tune --study my-study",
    "tune --space defalt": "sweeper tune --space default",
    "tune learning_rate=0.1..1": "sweeper tune 'learning_rate=interval(0.1,1)'",
    "tune 'learning_rate=loguniform(1e-3,1)'": "sweeper tune 'learning_rate=tag(log,interval(1e-3,1))'",
    "tune 'learning_rate=[0.1,0.2]'": "sweeper tune learning_rate=0.1,0.2",
    "tune 'hidden=[[50],[100,30]]'": "sweeper tune 'hidden=choice([50],[100,30])'",
    "tune -n": "sweeper tune -n 50",
    # commands
    "train activation=tanh": "sweeper run activation=tanh",
    "list": "sweeper results",
    "rnu": "sweeper run",
    "help tune": "sweeper tune --help",
    "version": "sweeper --version",
    "-V": "sweeper --version",
    "activation=tanh": "sweeper run activation=tanh",
    "--runs elsewhere run": "sweeper run --runs elsewhere",
    "data": "sweeper data list",
    "data lst": "sweeper data list",
    "doctor fix": "sweeper doctor --fix",
    "doctor --fix=yes": "sweeper doctor --fix",
    "report": "sweeper report STUDY",
    "predict kl": "sweeper predict kl FILE",
    "export kl": "sweeper export kl DIR",
    # what is compared, asked and shown
    "compare relu tanh": "sweeper compare activation=relu activation=tanh",
    "compare activation=relu activation=tanh dataset=digits": "sweeper compare activation=relu activation=tanh "
    "--with dataset=digits",
    "compare activation=relu activation=tanh": "sweeper compare activation=relu activation=tanh --repeats 5",
    "explore activatoin": "sweeper explore activation",
    "explore activation lr=0.1": "sweeper explore activation learning_rate=0.1",
    "data show dataset=digits": "sweeper data show digits",
    "data show digts": "sweeper data show digits",
    "data show my.csv": "sweeper data show csv dataset.path=my.csv dataset.target=COLUMN",
    "results --format xlsx --output r": "",
    "results --output r.xls": "sweeper results --output r.csv",
    "results --limit -5": "sweeper results --limit 10",
    # habits from other tools
    "tune -m activation=relu,tanh": "sweeper tune activation=relu,tanh",
    "run --multirun activation=relu,tanh": "sweeper tune activation=relu,tanh",
    "tune --direction maximize --trials 5": "sweeper tune --trials 5",
    "tune --maximize": "sweeper tune",
    "run --device gpu lr=0.1": "sweeper run lr=0.1",
    "tune -t 50": "sweeper tune --trials 50",
    "run -e 3": "sweeper run epochs=3",
    "run --verbose activation=tanh": "sweeper run --debug activation=tanh",
    "tune --no-pruning": "sweeper tune --pruner none",
    "results --top 5": "sweeper results --limit 5",
    "results first --csv": "sweeper results first --format csv",
    "results --best": "sweeper results",
    "status --follow": "sweeper status --watch",
    "doctor --repair": "sweeper doctor --fix",
    "ui --share": "sweeper ui --host 0.0.0.0",
    "report first --open": "sweeper report first",
    "test first --yes": "sweeper test first",
    "explore --question activation": "sweeper explore activation",
    "explore all": "sweeper explore --all",
    # words in the wrong place
    "tune help": "sweeper tune --help",
    "run tune": "sweeper tune",
    "tune run activation=relu,tanh": "sweeper run activation=relu,tanh",
    "sweeper run": "sweeper run",
    "run --test true": "sweeper run --test",
    "ui 8080": "sweeper ui --port=8080",
    "config show": "sweeper config",
    "config learning_rate": "sweeper config",
    "tune conf/space/small.yaml": "sweeper tune --space small",
    "tune --space conf/space/small.yaml": "sweeper tune --space small",
    "delete first": "sweeper rm first",
    "mv first second": "sweeper rename first second",
    "resume first": "sweeper tune --study first",
    "continue first": "sweeper tune --study first",
    "watch first": "sweeper status --watch first",
    "stop first": "sweeper status",
    "data download digits": "sweeper data fetch digits",
    # overrides
    "run --hidden 100 30": "sweeper run 'hidden=[100,30]'",
    "run 'hidden=100;30'": "sweeper run 'hidden=[100,30]'",
    "run 'hidden=(100,30)'": "sweeper run 'hidden=[100,30]'",
    "run hidden=100x30": "sweeper run 'hidden=[100,30]'",
    "run learning_rate==0.1": "sweeper run learning_rate=0.1",
    "run 'activation = tanh'": "sweeper run activation=tanh",
    "run =tanh": "sweeper run activation=tanh",
    "tune activation=relu, tanh": "sweeper tune activation=relu,tanh",
    "run activation=tanh,": "sweeper run activation=tanh",
    "run activation=LeakyReLU": "sweeper run activation=leaky_relu",
    "tune 'learning_rate=(0.1,1)'": "sweeper tune 'learning_rate=interval(0.1,1)'",
    # values of options
    "tune --timeout 10min": "sweeper tune --timeout 10m",
    "tune --timeout '2 hours'": "sweeper tune --timeout 2h",
    "tune --timeout soon": "sweeper tune --timeout 2h",
    "tune --memory 4": "sweeper tune --memory 4GB",
    "tune --workers 0": "sweeper tune --workers 2",
    "tune --trials 0": "sweeper tune --trials 50",
    "tune --confirm yes": "sweeper tune --confirm 3",
    "tune --repeats 2": "sweeper tune --repeats 5",
    "tune --storage sweep.db": "sweeper tune --storage sqlite:///sweep.db",
    "tune --constraint 'parameters<50k'": "sweeper tune --constraint 'parameters<=50000'",
    "tune --constraint 'accuracy>90%'": "sweeper tune --constraint 'validation.accuracy>=0.9'",
    "tune --constraint parameters=5000": "sweeper tune --constraint 'parameters<=5000'",
    "tune --enqueue lr=0.1": "sweeper tune --enqueue learning_rate=0.1",
    "ui --port 0": "sweeper ui --port 5000",
    # rows and trials
    "results --where 'validation.accuracy>0.9'": "sweeper results --format csv",
    "results --filter activation=tanh --limit 5": "sweeper results --format csv --limit 5",
    "results --columns activation": "sweeper results --format csv",
    "data verify all": "sweeper data verify",
    "data fetch all": "sweeper data fetch mnist",
    "data add my.csv": "sweeper data show my.csv",
    "data show digits 5": "sweeper data show digits --label=5",
    "data show digits --label nine": "sweeper data show digits --label 2",
    "reproduce first 17": "sweeper reproduce first:17",
    "reproduce first --trial 17": "sweeper reproduce first:17",
    "reproduce --trial 17 first": "sweeper reproduce first:17",
    "test first 3": "sweeper test first:3",
    "diff first 1 2": "sweeper diff first:1 first:2",
    "predict first new.csv --out answers.csv": "sweeper predict first new.csv --output answers.csv",
    "export first m --format onnx": "sweeper export first m --onnx",
    # what is compared and asked
    "compare activation=relu": "sweeper compare activation=relu activation=tanh",
    "compare activation=relu,tanh": "sweeper compare activation=relu activation=tanh",
    "compare relu vs tanh": "sweeper compare activation=relu activation=tanh",
    "compare first:1,first:2": "sweeper compare first:1 first:2",
    "compare activation=relu activation=tanh --alpha 0.01": "sweeper compare activation=relu activation=tanh",
    "explore 'which activation is best'": "sweeper explore activation",
    "explore lr": "sweeper explore learning-rate",
    "explore batch_size": "sweeper explore batch-size",
    "explore activation=relu,tanh": "sweeper explore --scientific activation=relu,tanh",
    "explore --scientific relu,tanh": "sweeper explore --scientific activation=relu,tanh",
    "explore activation --fast": "sweeper explore activation --quick",
    # several at once
    "run --epochs=3 --batch-size=32": "sweeper run epochs=3 batch_size=32",
    "run --dataset=digits --steps 100 activation tanh": "sweeper run dataset=digits steps=100 activation=tanh",
    "tune --parallel": "sweeper tune --workers 2",
    "tune --continue first": "sweeper tune --study first",
    # options of other commands, and of none
    "run trials=5": "sweeper tune --trials 5",
    "run --trials 5 activation=relu,tanh": "sweeper tune --trials 5 activation=relu,tanh",
    "run test=true": "sweeper run --test",
    "run --gpu 0": "sweeper run",
    "run --name mine steps=10": "sweeper run steps=10",
    "run name=mine": "sweeper run",
    "run --config my.yaml": "sweeper init",
    "run my.yaml": "sweeper init",
    "ui --browser": "sweeper ui --open",
    "ui localhost:8080": "sweeper ui --host=localhost --port=8080",
    "status --interval 2": "sweeper status --watch",
    "warm --off": "sweeper warm --stop",
    "warm stop": "sweeper warm --stop",
    "completion powershell": "sweeper completion bash",
    # values
    "run dropout=50%": "sweeper run dropout=0.5",
    "run steps=5k": "sweeper run steps=5000",
    "run steps=5,000": "sweeper run steps=5000",
    "run epochs=-1": "sweeper run epochs=10",
    "run 'optimizer=Adam(lr=0.1)'": "sweeper run optimizer=adam learning_rate=0.1",
    "run 'hidden=[50,fifty]'": "sweeper run 'hidden=[50,30]'",
    "run init=random": "sweeper run init=truncated_normal",
    "tune 'activation=relu|tanh'": "sweeper tune activation=relu,tanh",
    "tune activation=relu tanh": "sweeper tune activation=relu,tanh",
    "tune 'activation=[relu,tanh]'": "sweeper tune activation=relu,tanh",
    "tune 'lr_decay=*'": "sweeper tune lr_decay=none,exponential,step,inverse_time,cosine,polynomial",
    "tune learning_rate=0.1-1": "sweeper tune 'learning_rate=interval(0.1,1)'",
    "tune 'learning_rate=interval(1,0.1)'": "sweeper tune 'learning_rate=interval(0.1,1)'",
    "tune 'learning_rate=interval(0.1)'": "sweeper tune 'learning_rate=interval(0.01,0.1)'",
    "tune 'learning_rate=tag(log,interval(0,1))'": "sweeper tune 'learning_rate=tag(log,interval(0.001,1))'",
    "tune --space nothing": "sweeper tune --space benchmark",
    "tune --space": "sweeper tune --space small",
    "tune --enqueue": "sweeper tune --enqueue learning_rate=0.1",
    "tune --constraint parameters": "sweeper tune --constraint 'parameters<=50000'",
    "tune --search random": "sweeper tune --sampler random",
    # what is left out
    "reproduce": "sweeper reproduce STUDY",
    "explore": "name one, or --all; --list shows them",
    "rename first": "sweeper rename first NEW",
}


@pytest.mark.parametrize(("typed", "meant"), MISTAKES.items(), ids=list(MISTAKES))
def test_a_mistake_is_answered_by_what_to_type(world, typed, meant):
    done = world.typed(*shlex.split(typed))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    assert done.err.rstrip().rstrip(")").endswith(meant), done.err
    assert (world.pools, world.files()) == (0, [])


def understood(words):
    """Parse a command as far as its options and arguments go."""
    with contextlib.ExitStack() as stack:
        command, name, rest, context = typer.main.get_command(app), "sweeper", list(words), None
        while True:
            context = stack.enter_context(command.make_context(name, rest, parent=context, obj=list(words)))
            if not hasattr(command, "commands"):
                return
            name, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])


@pytest.mark.parametrize(
    "meant", sorted({one for one in MISTAKES.values() if one.startswith("sweeper ") and "--version" not in one})
)
def test_what_is_meant_is_itself_understood(meant):
    if not meant.endswith("--help"):
        understood(
            [word for word in shlex.split(meant)[1:] if word != "--debug"]
        )  # taken out before anything is parsed


def test_the_names_of_studies_are_known(world):
    dataset = ["dataset=digits", "steps=4", "--confirm", "0", "--trials", "2"]
    assert world.typed("tune", "activation=relu,tanh", "--space", "none", "--study", "first", *dataset).code == 0
    for typed, meant in {
        "report frist": "sweeper report first",
        "report": "sweeper report first",
        "report first second": "sweeper report first",
        "tune first": "sweeper tune --study first",
        "tune activation=relu,tanh --warm-start frist dataset=digits": "--warm-start first dataset=digits",
    }.items():
        done = world.typed(*shlex.split(typed))
        assert done.code == 2
        assert f"{meant})" in done.err
    again = world.typed("tune", "activation=relu,sigmoid", "--study", "first", "--space", "none", *dataset)
    assert again.code == 2
    assert "activation is relu,tanh there and relu,sigmoid here" in again.err
    back, another = re.search(r"to go on with it: (.*?); .*: (.*)\)$", again.err.rstrip()).groups()
    assert "--warm-start first" in another
    assert world.typed(*shlex.split(back)[1:]).code == 0
    assert world.typed(*shlex.split(another)[1:]).code == 0


def test_a_study_of_ones_own_is_meant_before_what_belongs_to_another(tmp_path):
    (tmp_path / "studies").mkdir()
    for when, name in enumerate(("first", "second", "second-confirm-0123ab", "compare-0123abcd")):
        file = tmp_path / "studies" / f"{name}.db"
        file.touch()
        os.utime(file, (when, when))
    assert studies(["--runs", str(tmp_path)]) == ["second", "first", "compare-0123abcd", "second-confirm-0123ab"]


def test_a_test_column_is_never_suggested(world, make_record, monkeypatch):
    monkeypatch.setattr("sweeper.tracking.open_reader", lambda _: world.tracker.reader)
    world.tracker.record(make_record("tanh", [0.9]))
    [run_id] = world.tracker.runs
    world.tracker.update(run_id, metrics={"test.accuracy": 0.9, "test.opening": 1.0})
    for typed in ("accuracy", "test", "test.acuracy", "tset.accuracy"):
        done = world.typed("results", "--sort", typed)
        assert done.code == 2
        assert "test." not in done.err.replace(typed, "")
    assert "--sort validation.accuracy" in world.typed("results", "--sort", "accuracy").err


def test_a_mistake_loads_no_tensorflow(tmp_path):
    program = (
        "import sys\n"
        "from sweeper.cli.app import invoke\n"
        "codes = [invoke(words.split()) for words in ('run lr=0.1', 'tune --pruner no', 'explore activatoin')]\n"
        "assert codes == [2, 2, 2]\n"
        "assert 'tensorflow' not in sys.modules\n"
        "import multiprocessing, os\n"
        "assert not multiprocessing.active_children()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (0, 3)


EVERY = [command for rows in EXAMPLES.values() for command, _ in rows]


@pytest.mark.parametrize("command", EVERY)
def test_an_example_is_a_command_and_quotes_its_brackets(command):
    words = shlex.split(command.partition(" >")[0])[1:]
    assert not re.search(r"[\[\](]", re.sub(r"'[^']*'", "", command))
    assert len(command) <= 78
    if not command.startswith("sweeper "):
        return  # what another program does with what came out
    understood(words)


@pytest.mark.parametrize("columns", ["80", "120"])
def test_help_is_as_wide_as_the_terminal_and_says_nothing_of_python(columns, monkeypatch, capfd):
    monkeypatch.setenv("COLUMNS", columns)
    for words in (["--help"], ["tune", "-h"], ["explore", "-h"], ["data", "show", "-h"]):
        assert invoke(words) == 0
        shown = capfd.readouterr().out
        assert max(map(len, shown.splitlines())) <= int(columns)
        assert not re.search(r"<\w|list\[|int range|\bstr\b", shown)
        assert "Examples:" in shown


def test_a_file_without_its_model_stays_where_it_belongs(world, tmp_path):
    rows = tmp_path / "new.csv"
    rows.write_text("a,b\n1,2\n", encoding="utf-8")
    assert world.typed("predict", str(rows)).err.rstrip().endswith(f"(type: sweeper predict RUN|STUDY {rows})")


def test_a_weight_that_is_none_is_named(world):
    done = world.typed("config", "class_weight={3:nan}")
    assert done.code == 2
    assert "class_weight: the weight of '3' is nan, not a number from 0" in done.err


def test_one_trial_is_not_removed(world):
    from sweeper.jobs.remove import removal

    dataset = ["dataset=digits", "steps=4", "--confirm", "0", "--trials", "2"]
    assert world.typed("tune", "activation=relu,tanh", "--space", "none", "--study", "first", *dataset).code == 0
    done = world.typed("rm", "first:1")
    assert (done.code, done.out) == (2, "")
    assert "first:1 is one trial of the study first, and single trials are not removed" in done.err
    assert "sweeper rm first removes the study" in done.err
    assert "there is no run 'other:1'" in world.typed("rm", "other:1").err
    assert removal("first", world.folder / "runs").trials == 2
