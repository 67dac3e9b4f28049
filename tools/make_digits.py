"""Writes data/digits.txt from scikit-learn's copy of the UCI optical digits.

One image a line: the class, a space, then 64 characters for the 8 x 8 values in reading order, each
a digit of base 17 (0-9, a-g for 0 to 16). Nothing is left out or reordered; data/README.md names
creators and licence. Needs scikit-learn; the result is part of the repository, so only who
wants to repeat it has to run this:  python tools/make_digits.py
SPDX-License-Identifier: Apache-2.0
"""

import pathlib

from sklearn.datasets import load_digits

SYMBOLS = "0123456789abcdefg"


def main() -> None:
    digits = load_digits()
    lines = [
        f"{label} {''.join(SYMBOLS[int(value)] for value in image)}"
        for image, label in zip(digits.data, digits.target)
    ]
    path = pathlib.Path(__file__).resolve().parent.parent / "data" / "digits.txt"
    path.write_text("\n".join(lines) + "\n")
    print(f"{path.name}: {len(lines)} images")


if __name__ == "__main__":
    main()
