"""A plain PyTorch loop over tensors that lie in memory, in two processes of one thread."""

import multiprocessing

import common
import torch
import work

ACTIVATIONS = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "sigmoid": torch.nn.Sigmoid}


def train(trial: dict) -> float:
    """Ten passes over the training examples; the validation accuracy after the last."""
    torch.set_num_threads(1)
    torch.manual_seed(trial["seed"])
    x, y, vx, vy = data()
    network = model(trial)
    kernels = [layer.weight for layer in network if isinstance(layer, torch.nn.Linear)]
    rest = [layer.bias for layer in network if isinstance(layer, torch.nn.Linear)]
    # SGD's decay is the gradient of half the penalty.
    decayed = [{"params": kernels[:-1], "weight_decay": 2 * trial["l2"]}, {"params": [kernels[-1], *rest]}]
    optimizer = torch.optim.SGD(decayed, lr=trial["learning_rate"])
    lost = torch.nn.CrossEntropyLoss()
    score = 0.0
    for _ in range(work.EPOCHS):
        network.train()
        for rows in torch.randperm(len(x)).split(common.BATCH):
            optimizer.zero_grad(set_to_none=True)
            lost(network(x[rows]), y[rows]).backward()
            optimizer.step()
        network.eval()
        with torch.inference_mode():
            score = float((network(vx).argmax(dim=1) == vy).float().mean())
    return score


def model(trial: dict) -> torch.nn.Sequential:
    """Dense layers, each with its activation and dropout."""
    layers, features = [], 784
    for units in trial["hidden"]:
        layers += [torch.nn.Linear(features, units), ACTIVATIONS[trial["activation"]]()]
        if trial["dropout"]:
            layers.append(torch.nn.Dropout(trial["dropout"]))
        features = units
    return torch.nn.Sequential(*layers, torch.nn.Linear(features, 10))


def data():
    """Read once a process."""
    if not hasattr(data, "held"):
        data.held = tuple(map(torch.from_numpy, work.mnist()))
    return data.held


if __name__ == "__main__":
    args = common.arguments()
    with multiprocessing.get_context("forkserver").Pool(2) as pool:
        scores = pool.map(train, common.draw(args.trials, args.seed), chunksize=1)
    common.finish(args.out, "PyTorch, two processes", scores)
