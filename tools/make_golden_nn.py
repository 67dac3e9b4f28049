"""Writes tests/nn/golden_nn.json: training runs of PyTorch in float64, for our engine to repeat.

A net of five layers (tanh, prelu, softplus, sigmoid shifted by -0.5, linear), ten steps on one batch,
once per optimiser, loss and with clipping. The file holds the start, the losses, and the parameters
and optimiser states at the end, all as decimals that read back to the same bits.

Needs PyTorch; the result is part of the repository:  python tools/make_golden_nn.py
SPDX-License-Identifier: Apache-2.0
"""

import json
import pathlib

import torch

INPUTS, ROWS, STEPS = 5, 12, 10
HIDDEN = [("tanh", 7, 0.0), ("prelu", 6, 0.0), ("softplus", 7, 0.0), ("sigmoid", 5, -0.5)]
OUTPUTS = {"softmax": 3, "binary": 1, "squared": 1}
CASES = [
    # optimiser, options, loss, clip
    ("sgd", {"lr": 0.3}, "softmax", 0.0),
    ("momentum", {"lr": 0.1, "momentum": 0.9}, "softmax", 0.0),
    ("adam", {"lr": 0.05}, "softmax", 0.0),
    ("sgd", {"lr": 0.3}, "binary", 0.0),
    ("adam", {"lr": 0.05}, "squared", 0.0),
    ("momentum", {"lr": 0.5, "momentum": 0.8}, "squared", 0.05),
]
MODULES = {
    "tanh": torch.nn.Tanh,
    "prelu": torch.nn.PReLU,
    # Its default threshold replaces log(1 + e^x) by x beyond 20; ours has none.
    "softplus": lambda: torch.nn.Softplus(threshold=1e9),
    "sigmoid": torch.nn.Sigmoid,
}


class Shift(torch.nn.Module):
    def __init__(self, by):
        super().__init__()
        self.by = by

    def forward(self, x):
        return x + self.by


def network(outputs):
    torch.manual_seed(7)
    parts, width = [], INPUTS
    for name, units, shift in HIDDEN:
        parts += [torch.nn.Linear(width, units), MODULES[name]()]
        if shift:
            parts.append(Shift(shift))
        width = units
    parts.append(torch.nn.Linear(width, outputs))
    return torch.nn.Sequential(*parts)


def layers(values):
    """Groups a list that is parallel to the network's parameters into one entry a layer."""
    names = [name for name, _, _ in HIDDEN] + ["identity"]
    grouped, rest = [], list(values)
    for name in names:
        entry = {"w": rest.pop(0), "b": rest.pop(0)}
        entry["learned"] = rest.pop(0) if name == "prelu" else []
        grouped.append(entry)
    return grouped


def plain(tensors):
    return layers([t.detach().reshape(-1).tolist() for t in tensors])


def optimiser(kind, options, parameters):
    return (torch.optim.Adam if kind == "adam" else torch.optim.SGD)(parameters, **options)


def moments(kind, opt, parameters):
    keys = {"sgd": [], "momentum": ["momentum_buffer"], "adam": ["exp_avg", "exp_avg_sq"]}[kind]
    return [plain([opt.state[p][key] for p in parameters]) for key in keys]


def run(kind, options, loss, clip, x, label, target):
    net = network(OUTPUTS[loss])
    parameters = list(net.parameters())
    start = plain(parameters)
    opt = optimiser(kind, options, parameters)
    losses, norms = [], []
    for _ in range(STEPS):
        opt.zero_grad()
        z = net(x)
        if loss == "softmax":
            value = torch.nn.functional.cross_entropy(z, label)
        elif loss == "binary":
            wanted = (label > 0).double()
            value = torch.nn.functional.binary_cross_entropy_with_logits(z[:, 0], wanted)
        else:
            value = torch.nn.functional.mse_loss(z[:, 0], target)
        value.backward()
        if clip:
            norms.append(torch.nn.utils.clip_grad_norm_(parameters, clip).item())
        losses.append(value.item())
        opt.step()
    return {
        "optimiser": kind, "options": options, "loss": loss, "clip": clip, "start": start,
        "losses": losses, "norms": norms, "end": plain(parameters),
        "moments": moments(kind, opt, parameters),
    }  # fmt: skip


def main():
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    torch.manual_seed(11)
    x = torch.randn(ROWS, INPUTS)
    label = torch.arange(ROWS) % 3
    target = torch.randn(ROWS)
    golden = {
        "torch": torch.__version__,
        "inputs": INPUTS,
        "hidden": [{"activation": n, "units": u, "shift": s} for n, u, s in HIDDEN],
        "outputs": OUTPUTS,
        "x": x.reshape(-1).tolist(),
        "label": label.tolist(),
        "target": target.tolist(),
        "cases": [run(*case, x, label, target) for case in CASES],
    }
    path = pathlib.Path(__file__).resolve().parent.parent / "tests" / "nn" / "golden_nn.json"
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
