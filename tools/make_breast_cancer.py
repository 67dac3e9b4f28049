"""Writes data/breast_cancer.txt from scikit-learn's copy of the UCI breast cancer data (Wisconsin
diagnostic).

One tumour a line: the class (0 malignant, 1 benign, as scikit-learn numbers them), then its 30
measurements, each with as few digits as give the same double back. Nothing is left out or reordered;
data/README.md names creators and licence. Needs scikit-learn; the result is part of the repository,
so only who wants to repeat it has to run this:  python tools/make_breast_cancer.py
SPDX-License-Identifier: Apache-2.0
"""

import pathlib

from sklearn.datasets import load_breast_cancer


def shortest(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else repr(float(value))


def main() -> None:
    data = load_breast_cancer()
    lines = [
        f"{label} {' '.join(map(shortest, tumour))}"
        for tumour, label in zip(data.data, data.target)
    ]
    path = pathlib.Path(__file__).resolve().parent.parent / "data" / "breast_cancer.txt"
    path.write_text("\n".join(lines) + "\n")
    print(f"{path.name}: {len(lines)} tumours")


if __name__ == "__main__":
    main()
