"""Writes tests/nn/golden_nn.json: training runs of PyTorch in float64, for our engine to repeat.

Ten steps on one batch: a net of five layers (tanh, prelu, softplus, sigmoid shifted by -0.5, linear)
once per optimiser, loss and with clipping, nets with batch and layer normalisation and skips, and
losses over several outputs; the learning rates of three schedules; one pass of a net in each 16-bit
format. The file holds the start, the losses, and the parameters and optimiser states at the end, all as
decimals that read back to the same bits; where there is batch normalisation, its running averages and
the outputs in evaluation mode too.

Needs PyTorch; the result is part of the repository:  python tools/make_golden_nn.py
SPDX-License-Identifier: Apache-2.0
"""

import itertools
import json
import pathlib

import torch

INPUTS, ROWS, STEPS = 5, 12, 10
# Hidden layers: activation, units, shift, normalisation, branch (0: no skip)
NETS = {
    "plain": [
        ("tanh", 7, 0.0, "none", 0.0),
        ("prelu", 6, 0.0, "none", 0.0),
        ("softplus", 7, 0.0, "none", 0.0),
        ("sigmoid", 5, -0.5, "none", 0.0),
    ],
    "batch": [
        ("tanh", 6, 0.0, "batch", 0.0),
        ("prelu", 6, 0.0, "batch", 0.7),
        ("sigmoid", 5, 0.0, "batch", 0.0),
    ],
    "layer": [
        ("tanh", 6, 0.0, "layer", 0.0),
        ("prelu", 6, 0.0, "layer", 0.7),
        ("sigmoid", 5, 0.0, "layer", 0.0),
    ],
    "small": [("tanh", 4, 0.0, "none", 0.0)],
}
CASES = [
    # net, optimiser, options, loss, clip, classes (0: regression), activation of the output
    ("plain", "sgd", {"lr": 0.3}, "softmax", 0.0, 3, "identity"),
    ("plain", "momentum", {"lr": 0.1, "momentum": 0.9}, "softmax", 0.0, 3, "identity"),
    ("plain", "adam", {"lr": 0.05}, "softmax", 0.0, 3, "identity"),
    ("plain", "sgd", {"lr": 0.3}, "binary", 0.0, 2, "identity"),
    ("plain", "adam", {"lr": 0.05}, "squared", 0.0, 0, "identity"),
    ("plain", "momentum", {"lr": 0.5, "momentum": 0.8}, "squared", 0.05, 0, "identity"),
    ("batch", "sgd", {"lr": 0.3}, "softmax", 0.0, 3, "identity"),
    ("batch", "momentum", {"lr": 0.1, "momentum": 0.9}, "binary", 0.0, 3, "identity"),
    ("layer", "adam", {"lr": 0.05}, "softmax", 0.0, 3, "identity"),
    ("layer", "momentum", {"lr": 0.1, "momentum": 0.9}, "squared", 0.0, 3, "tanh"),
    ("plain", "adamw", {"lr": 0.05}, "softmax", 0.0, 3, "identity"),
    ("layer", "adamw", {"lr": 0.05, "weight_decay": 0.5}, "squared", 0.1, 0, "identity"),
    ("small", "adam", {"lr": 0.05}, "binary", 0.0, 3, "identity"),
    ("small", "sgd", {"lr": 0.5}, "squared", 0.0, 3, "sigmoid"),
    ("small", "sgd", {"lr": 0.5}, "squared", 0.0, 2, "sigmoid"),
]
MODULES = {
    "identity": torch.nn.Identity,
    "tanh": torch.nn.Tanh,
    "prelu": torch.nn.PReLU,
    # Its default threshold replaces log(1 + e^x) by x beyond 20; ours has none.
    "softplus": lambda: torch.nn.Softplus(threshold=1e9),
    "sigmoid": torch.nn.Sigmoid,
}


class Layer(torch.nn.Module):
    def __init__(self, inputs, activation, units, shift, normalisation, branch):
        super().__init__()
        self.linear = torch.nn.Linear(inputs, units)
        if normalisation == "batch":
            self.normalise = torch.nn.BatchNorm1d(units)
        elif normalisation == "layer":
            self.normalise = torch.nn.LayerNorm(units)
        else:
            self.normalise = torch.nn.Identity()
        self.activation = MODULES[activation]()
        self.shift, self.branch = shift, branch

    def forward(self, before):
        y, h = before
        a = self.normalise(self.linear(y))
        h = h + self.branch * a if self.branch else a
        return self.activation(h) + self.shift, h

    def tensors(self):
        """The trained tensors by our names, in the order of parameters()."""
        learned = getattr(self.activation, "weight", None)
        return {
            "w": self.linear.weight,
            "b": self.linear.bias,
            "gamma": getattr(self.normalise, "weight", None),
            "beta": getattr(self.normalise, "bias", None),
            "learned": learned,
        }


def network(hidden, outputs, output_activation):
    torch.manual_seed(7)
    layers, width = [], INPUTS
    for name, units, shift, normalisation, branch in hidden:
        layers.append(Layer(width, name, units, shift, normalisation, branch))
        width = units
    layers.append(Layer(width, output_activation, outputs, 0.0, "none", 0.0))
    # Away from 1 and 0, so that a wrong gradient of theirs would show.
    generator = torch.Generator().manual_seed(3)
    for layer in layers:
        for tensor in (layer.tensors()["gamma"], layer.tensors()["beta"]):
            if tensor is not None:
                tensor.data += 0.3 * torch.randn(tensor.shape, generator=generator)
    return torch.nn.ModuleList(layers)


def outputs_of(net, x):
    y, h = x, None
    for layer in net:
        y, h = layer((y, h))
    return y


def flat(tensor):
    return tensor.detach().reshape(-1).tolist()


def plain(net, value=lambda parameter: parameter):
    """One entry a layer: each tensor's numbers, or those of value(tensor)."""
    return [
        {name: [] if p is None else flat(value(p)) for name, p in layer.tensors().items()}
        for layer in net
    ]


def optimiser(kind, options, parameters):
    kinds = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    return kinds.get(kind, torch.optim.SGD)(parameters, **options)


def shares(make, **options):
    """The learning rate of each step from 1, under one of torch's schedulers."""
    opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = make(opt, **options)
    result = []
    for _ in range(STEPS + 1):
        result.append(opt.param_groups[0]["lr"])
        opt.step()
        scheduler.step()
    return result


def schedules():
    kinds = torch.optim.lr_scheduler
    return {
        "linear": shares(kinds.LinearLR, start_factor=1.0, end_factor=0.0, total_iters=STEPS),
        "cosine": shares(kinds.CosineAnnealingLR, T_max=STEPS),
        "step": shares(kinds.MultiStepLR, milestones=[STEPS // 2, 3 * STEPS // 4 + 1]),
    }


def moments(kind, opt, net):
    keys = {"sgd": [], "momentum": ["momentum_buffer"], "adam": ["exp_avg", "exp_avg_sq"]}[
        kind.removesuffix("w")
    ]
    return [plain(net, lambda p, key=key: opt.state[p][key]) for key in keys]


def loss_of(loss, classes, z, label, target):
    if loss == "softmax":
        return torch.nn.functional.cross_entropy(z, label)
    if classes == 0:
        wanted = target[:, None]
    elif classes == 2:
        wanted = (label > 0).double()[:, None]
    else:
        wanted = torch.nn.functional.one_hot(label, classes).double()
    if loss == "binary":
        return torch.nn.functional.binary_cross_entropy_with_logits(z, wanted)
    return torch.nn.functional.mse_loss(z, wanted)


def run(net_name, kind, options, loss, clip, classes, output, x, label, target):
    net = network(NETS[net_name], classes if loss == "softmax" or classes > 2 else 1, output)
    parameters = list(net.parameters())
    start = plain(net)
    opt = optimiser(kind, options, parameters)
    losses, norms = [], []
    for _ in range(STEPS):
        opt.zero_grad()
        value = loss_of(loss, classes, outputs_of(net, x), label, target)
        value.backward()
        if clip:
            norms.append(torch.nn.utils.clip_grad_norm_(parameters, clip).item())
        losses.append(value.item())
        opt.step()
    result = {
        "net": net_name, "optimiser": kind, "options": options, "loss": loss, "clip": clip,
        "classes": classes, "output": output, "start": start, "losses": losses, "norms": norms,
        "end": plain(net), "moments": moments(kind, opt, net),
    }  # fmt: skip
    if net_name == "batch":
        averages = [layer.normalise for layer in net if hasattr(layer.normalise, "running_mean")]
        result["running"] = [flat(torch.stack([n.running_mean, n.running_var])) for n in averages]
        net.eval()
        result["evaluated"] = flat(outputs_of(net, x))
    return result


def half(dtype):
    """Forward and backward of a relu net whose every tensor is of 16 bits."""
    generator = torch.Generator().manual_seed(5)
    sizes, rows = [24, 12, 8, 3], 6
    x = torch.randn((rows, sizes[0]), generator=generator)
    dz = 0.1 * torch.randn((rows, sizes[-1]), generator=generator)
    layers, y = [], x.to(dtype)
    for inputs, units in itertools.pairwise(sizes):
        w = torch.randn((units, inputs), generator=generator) / inputs**0.5
        b = 0.3 * torch.randn(units, generator=generator)
        w16, b16 = (t.to(dtype).requires_grad_() for t in (w, b))
        h = torch.nn.functional.linear(y, w16, b16)
        y = h if units == sizes[-1] else torch.relu(h)
        h.retain_grad()
        layers.append((w, b, w16, b16, h))
    y.backward(dz.to(dtype))
    return {
        "x": flat(x), "dz": flat(dz), "sizes": sizes, "rows": rows,
        "layers": [
            {"w": flat(w), "b": flat(b), "h": flat(h), "dh": flat(h.grad),
             "dw": flat(w16.grad), "db": flat(b16.grad)}
            for w, b, w16, b16, h in layers
        ],
    }  # fmt: skip


def main():
    torch.set_num_threads(1)
    halves = {"bf16": half(torch.bfloat16), "f16": half(torch.float16)}
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(11)
    x = torch.randn(ROWS, INPUTS)
    label = torch.arange(ROWS) % 3
    target = torch.randn(ROWS)
    names = ("activation", "units", "shift", "normalisation", "branch")
    golden = {
        "torch": torch.__version__,
        "inputs": INPUTS,
        "nets": {n: [dict(zip(names, layer)) for layer in net] for n, net in NETS.items()},
        "x": flat(x),
        "label": label.tolist(),
        "target": flat(target),
        "schedules": schedules(),
        "halves": halves,
        "cases": [run(*case, x, label, target) for case in CASES],
    }
    path = pathlib.Path(__file__).resolve().parent.parent / "tests" / "nn" / "golden_nn.json"
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
