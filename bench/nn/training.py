"""Training speed against PyTorch eager, in one run: float32, tanh, 64 inputs, 10 outputs, SGD, one thread.

Our program and PyTorch take turns, so that a change of the machine's mood hits both; the ratio
is the median over the pairs, with the smallest and largest beside it.

    python bench/nn/training.py build/bench/nn/nn_training_bench [--repeats 7] [--seconds 1]

Exit 1 if a ratio is below its target. Needs PyTorch.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

sys.path.append(str(pathlib.Path(__file__).parents[1]))
import torch  # noqa: E402  (reads the settings above when it is loaded)
from machine import processor  # noqa: E402  (beside the folders of the benchmarks)

DEPTH, INPUTS, OUTPUTS, BATCHES = 20, 64, 10, 8
# width, batch, the ratio that we promise
SHAPES = [(64, 32, 4.0), (128, 64, 2.0), (256, 128, 1.2), (1024, 256, 1.0)]


class Peer:
    """PyTorch's training of the same net, kept between repeats."""

    def __init__(self, width, batch):
        torch.manual_seed(1)
        parts, before = [], INPUTS
        for _ in range(DEPTH):
            parts += [torch.nn.Linear(before, width), torch.nn.Tanh()]
            before = width
        self.net = torch.nn.Sequential(*parts, torch.nn.Linear(before, OUTPUTS))
        self.optimiser = torch.optim.SGD(self.net.parameters(), lr=0.01)
        self.batches = [
            (torch.randn(batch, INPUTS), torch.randint(OUTPUTS, (batch,))) for _ in range(BATCHES)
        ]
        self.batch, self.steps = batch, 0
        for _ in range(3):
            self.step()

    def step(self):
        x, y = self.batches[self.steps % BATCHES]
        self.steps += 1
        self.optimiser.zero_grad()
        torch.nn.functional.cross_entropy(self.net(x), y).backward()
        self.optimiser.step()

    def samples_per_second(self, seconds):
        first, start = self.steps, time.perf_counter()
        while (passed := time.perf_counter() - start) < seconds:
            self.step()
        return (self.steps - first) * self.batch / passed


def ours(program, width, batch, seconds):
    command = [program, str(DEPTH), str(width), str(batch), str(seconds)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{processor()}, one thread, PyTorch {torch.__version__}, depth {DEPTH}, tanh, float32, SGD")
    print("width batch   gradkeep/s    PyTorch/s   ratio (smallest to largest)   target")
    missed = 0
    for width, batch, target in SHAPES:
        peer, pairs = Peer(width, batch), []
        for _ in range(arguments.repeats):
            mine = ours(arguments.program, width, batch, arguments.seconds)
            pairs.append((mine, peer.samples_per_second(arguments.seconds)))
        ratios = sorted(a / b for a, b in pairs)
        ratio = statistics.median(ratios)
        missed += ratio < target
        mine, theirs = (statistics.median(column) for column in zip(*pairs))
        print(
            f"{width:5} {batch:5} {mine:12.0f} {theirs:12.0f} {ratio:7.2f} "
            f"({ratios[0]:.2f} to {ratios[-1]:.2f})"
            f"{'':14}{target:.1f}{'' if ratio >= target else '  missed'}",
            flush=True,
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
