"""Examples of every command, as its help shows them. Brackets are quoted: some shells would read them as patterns."""

from __future__ import annotations

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "sweeper": (
        ("sweeper run", "The tutorial's network."),
        ("sweeper tune --trials 50", "A search for a better one."),
        ("sweeper explore --list", "Questions that it can answer by experiment."),
    ),
    "sweeper run": (
        ("sweeper run activation=tanh 'hidden=[100,30]'", "Another network."),
        ("sweeper run dataset=digits repeats=5", "Five initialisations at once, and their spread."),
        ("sweeper run dataset=csv dataset.path=my.csv dataset.target=label", "A table of your own."),
    ),
    "sweeper tune": (
        ("sweeper tune --trials 50", "Search the usual space."),
        (
            "sweeper tune activation=relu,tanh 'learning_rate=tag(log,interval(1e-3,1))'",
            "Search two keys; what else is searched is in conf/space.",
        ),
        ("sweeper tune --study first --space none dropout=0,0.2", "Nothing but one key; the same again goes on."),
        (
            "sweeper tune --objective validation.accuracy --objective parameters",
            "Accuracy against size.",
        ),
    ),
    "sweeper explore": (
        ("sweeper explore activation --quick", "Which activation is best, in minutes."),
        (
            "sweeper explore --scientific activation=relu,tanh --nuisance dropout=0,0.2",
            "A question of your own: each at its own best dropout.",
        ),
    ),
    "sweeper test": (
        ("sweeper test first", "The best trial of a study."),
        ("sweeper test first:17", "Trial 17 of it."),
    ),
    "sweeper predict": (("sweeper predict first new.csv", "The class of each row, by the best trial of a study."),),
    "sweeper export": (
        ("sweeper export first model", "The best trial of a study, as a folder for MLflow."),
        ("mlflow models serve -m model --env-manager local", "Serve it, without sweeper."),
    ),
    "sweeper compare": (
        ("sweeper compare activation=relu activation=tanh --repeats 5", "On five fresh seeds."),
        ("sweeper compare loss=mse loss=cross_entropy --with dataset=digits --repeats 5", "On data of their own."),
        ("sweeper compare first:17 first:21", "Two trials, as they are recorded."),
        (
            "sweeper compare 'activation=tanh hidden=[50]' 'hidden=[90]' --repeats 5",
            "Several keys each.",
        ),
    ),
    "sweeper report": (("sweeper report first", "One HTML file on a study."),),
    "sweeper reproduce": (
        ("sweeper reproduce first", "The best trial of a study, trained again."),
        ("sweeper reproduce --from-trial first:17", "Trial 17 of it."),
    ),
    "sweeper results": (
        ("sweeper results", "What there is."),
        ("sweeper results first", "The trials of a study, best first."),
        ("sweeper results --output all.parquet", "Every column of every run, in a file."),
    ),
    "sweeper ui": (
        ("sweeper ui", "All studies and single runs, best first, until Ctrl-C."),
        ("sweeper ui first --open", "The trials of a study, in a browser that is opened."),
    ),
    "sweeper warm": (
        ("sweeper warm --idle 30", "Until half an hour has passed without a command."),
        ("sweeper warm --status", "Whether it runs, and what it takes."),
        ("sweeper warm --stop", "No longer."),
    ),
    "sweeper status": (
        ("sweeper status", "What runs now."),
        ("sweeper status first --watch", "One study, until it ends."),
    ),
    "sweeper completion": (
        ("sweeper completion bash >> ~/.bashrc", "Bash."),
        ("sweeper completion zsh >> ~/.zshrc", "Zsh, behind its compinit."),
        ("sweeper completion fish > ~/.config/fish/completions/sweeper.fish", "Fish."),
    ),
    "sweeper rm": (
        ("sweeper rm first", "A study with its trials, after a question."),
        ("sweeper rm 294ac404 --yes", "A single run, without one."),
    ),
    "sweeper rename": (
        ("sweeper rename tune-mnist-4f1c9a20 first", "A study that was named by what it searches."),
        ("sweeper rename 294ac404 baseline", "A single run."),
    ),
    "sweeper config": (
        ("sweeper config optimizer=adam epochs=3", "What these overrides come to."),
        ("sweeper config --changed --config-dir conf", "What your own folder changes."),
    ),
    "sweeper diff": (
        ("sweeper diff first:17 first:21", "Two trials."),
        ("sweeper diff first activation=tanh", "A study's winner, and a configuration."),
    ),
    "sweeper init": (("sweeper init", "Begin the folder conf."),),
    "sweeper doctor": (
        ("sweeper doctor", "What is there, and what is wrong."),
        ("sweeper doctor --fix", "Put in order what killed commands have left."),
        ("sweeper doctor --free", "Delete for good what was removed, or is of no use."),
        ("sweeper doctor --cluster auto", "The nodes of the cluster that this machine is in."),
    ),
    "sweeper data": (
        ("sweeper data list", "What there is."),
        ("sweeper data show digits", "A picture of it."),
    ),
    "sweeper data show": (
        ("sweeper data show mnist --label 7", "Ten sevens."),
        ("sweeper data show csv dataset.path=my.csv dataset.target=label", "How a table of yours is read."),
    ),
}
