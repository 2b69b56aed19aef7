"""What other tools call things, or a person in a hurry does: the words that are meant, by those that were typed."""

from __future__ import annotations

_KEYS = {
    "learning_rate": "lr eta alpha stepsize learnrate",
    "activation": "act activations activationfunction nonlinearity",
    "hidden": "layers hiddenlayers hiddensizes units neurons arch architecture widths hiddenunits",
    "hidden.width": "width",
    "hidden.depth": "depth nlayers",
    "output_activation": "output outputact",
    "loss": "lossfunction criterion",
    "optimizer": "opt optim optimiser",
    "lr_decay": "decay schedule scheduler lrschedule lrscheduler",
    "dropout": "dropoutrate keepprob",
    "l2": "weightdecay wd regularization regularisation l2reg",
    "init": "initializer initialiser initialization weightinit",
    "batch_size": "batch bs b minibatch batches",
    "steps": "iterations iters iter nsteps maxsteps trainingsteps",
    "epochs": "nepochs maxepochs epoch e",
    "optimizer.momentum": "momentum",
    "seed": "randomseed randomstate rng",
    "repeats": "reps seeds nseeds repeat repetitions",
    "dataset": "data ds",
    "validation": "val valsplit validationsplit valsize",
}
_NAMES = {
    "cross_entropy": "xent ce categoricalcrossentropy softmaxcrossentropy sparsecategoricalcrossentropy nll",
    "categorical_hinge": "hinge",
    "mse": "l2loss meansquarederror squarederror",
    "silu": "swish",
    "linear": "identity none",
    "glorot_uniform": "xavier glorot xavieruniform",
    "glorot_normal": "xaviernormal",
    "he_normal": "he kaiming kaimingnormal",
    "he_uniform": "kaiminguniform",
    "lecun_normal": "lecun",
    "sgd": "gd gradientdescent",
    "fashion_mnist": "fashion",
    "mnist_5k": "mnist5000 mnistsmall",
}
_SEARCH = {
    "tpe": "bayes bayesian bayesopt bo optuna",
    "grid": "gridsearch gridsampler",
    "random": "randomsearch rand",
    "qmc": "sobol halton quasirandom",
    "cmaes": "cma evolution",
    "gp": "gaussian gaussianprocess",
    "latest": "recent window",
    "ahead": "default",
    "asha": "sha halving successivehalving",
    "hyperband": "bohb",
    "validation.accuracy": "accuracy acc score valacc valaccuracy",
    "validation.loss": "valloss",
    "parameters": "params nparams modelsize",
    "seconds": "time duration runtime",
}

SYNONYMS: dict[str, tuple[str, ...]] = {}
"""Small letters alone to what may be meant, the likeliest first."""

for _meant in (_KEYS, _NAMES, _SEARCH):
    for _name, _words in _meant.items():
        for _word in _words.split():
            SYNONYMS[_word] = (*SYNONYMS.get(_word, ()), _name)
