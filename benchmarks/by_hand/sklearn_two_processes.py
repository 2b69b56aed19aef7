"""scikit-learn's MLPClassifier, epoch by epoch, in two processes of one thread; it has no dropout, and goes without."""

import multiprocessing
import warnings

import common
import work
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

NAMES = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic"}


def train(trial: dict) -> float:
    """Ten passes over the training examples; the validation accuracy after the last."""
    warnings.simplefilter("ignore", ConvergenceWarning)
    x, y, vx, vy = data()
    network = MLPClassifier(
        trial["hidden"],
        activation=NAMES[trial["activation"]],
        solver="sgd",
        momentum=0.0,
        alpha=2 * trial["l2"] * common.BATCH,  # it divides the penalty by the batch and by two
        batch_size=common.BATCH,
        learning_rate_init=trial["learning_rate"],
        random_state=trial["seed"],
    )
    score = 0.0
    for _ in range(work.EPOCHS):
        network.partial_fit(x, y, classes=range(10))
        score = float((network.predict(vx) == vy).mean())
    return score


def data():
    """Read once a process."""
    if not hasattr(data, "held"):
        data.held = work.mnist()
    return data.held


if __name__ == "__main__":
    args = common.arguments()
    with multiprocessing.get_context("forkserver").Pool(2) as pool:
        scores = pool.map(train, common.draw(args.trials, args.seed), chunksize=1)
    common.finish(args.out, "scikit-learn, two processes", scores)
