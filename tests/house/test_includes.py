"""Data flows from left to right through the rooms, and a room includes only rooms to its left.

Read from the include lines themselves, so that no build configuration can hide one. core and flow
are held to more: what they include from outside is the C++ library and Highway, nothing else.
"""
# SPDX-License-Identifier: Apache-2.0

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Rooms that share a number do not see each other.
PLACE = {"functions": 0, "core": 1, "check": 2, "flow": 2, "data": 3, "kit": 4, "nn": 4,
         "probe": 5, "lab": 6, "report": 7, "cli": 8, "python": 8}
INCLUDE = re.compile(r'^\s*#\s*include\s+(?P<open>[<"])(?P<name>[^>"]+)[>"]', re.MULTILINE)
PUBLIC = {f"gradkeep/{file.name}": room for room in ("core", "flow")
          for file in (ROOT / room / "include" / "gradkeep").glob("*.h")}
# What a C compiler and its library bring along, and OpenMP, which core does without where there is none.
WITH_THE_COMPILER = {"stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h", "omp.h"}


def room_of(name):
    return PUBLIC.get(name, name.split("/")[0])


def includes(root, files, room):
    for file in files:
        place = file.relative_to(root).parts
        if place[0] == room and file.suffix in (".h", ".cc", ".in"):
            for found in INCLUDE.finditer(file.read_text()):
                yield file.relative_to(root), found["open"], found["name"]


@pytest.mark.parametrize("room", PLACE)
def test_a_room_includes_only_rooms_to_its_left(root, own_files, room):
    wrong = []
    for file, _, name in includes(root, own_files, room):
        other = room_of(name)
        if other in PLACE and other != room and PLACE[other] >= PLACE[room]:
            wrong.append(f"{file} includes {name}")
    assert not wrong


@pytest.mark.parametrize("room", ["functions", "core", "flow"])
def test_the_library_needs_only_cpp_and_highway(root, own_files, room):
    foreign = []
    for file, bracket, name in includes(root, own_files, room):
        standard = bracket == "<" and ("." not in name or name in WITH_THE_COMPILER)
        if not (standard or name.startswith("hwy/") or room_of(name) in PLACE or "@" in name):
            foreign.append(f"{file} includes {name}")
    assert not foreign


def test_every_room_is_known(root, own_files):
    rooms = {file.relative_to(root).parts[0] for file in own_files if file.suffix in (".h", ".cc")}
    assert rooms - set(PLACE) <= {"tests", "bench", "examples"}
