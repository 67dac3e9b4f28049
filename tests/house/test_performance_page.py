"""tools/performance_page on numbers made up here: what it says is reached and what falls short."""
# SPDX-License-Identifier: Apache-2.0

import json
import subprocess
import sys

import pytest


def entry(peer, how, speed, *, ratio=1.0, gradkeep="level", ulp=None, call=1e-8, call_64=None):
    told = {"peer": peer, "how": how, "seconds": [1.0], "call": call,
            "elements_per_second": speed * 1e9, "ratio": ratio, "p": 0.001, "gradkeep": gradkeep,
            "errors": None if ulp is None else {"ulp": ulp, "x": 0, "got": 0, "want": 0, "inputs": 9}}
    return told | ({"call_64": call_64} if call_64 else {})


def raw(results, **more):
    return {"version": "0.1.0", "target": "AVX3", "processor": "abacus", "cores": 2,
            "date": "2026-11-22T00:00:00Z", "type": "f32", "elements": 65536, "threads": 1,
            "rounds": 15, "versions": {"PyTorch": "2.13"}, "results": results} | more


def result(function, *entries, pass_="forward", claim=2.0):
    return {"function": function, "parameters": {}, "pass": pass_, "claim": claim,
            "entries": list(entries)}


@pytest.fixture
def page(root, tmp_path):
    def make(*raws):
        files = []
        for k, told in enumerate(raws):
            files.append(tmp_path / f"{k}.json")
            files[-1].write_text(json.dumps(told))
        return subprocess.run([sys.executable, root / "tools/performance_page", "abc1234", *files], check=True,
                              capture_output=True, text=True).stdout
    return make


def line(text, start):
    [found] = [row for row in text.splitlines() if row.startswith(start)]
    return found


def test_accurate_peers_are_told_from_quick_ones(page):
    text = page(raw([result(
        "tanh", entry("gradkeep", "fast", 4, ulp=1.5, call_64=20e-9),
        entry("gradkeep", "exact", 2),
        entry("PyTorch", "own operation", 1, ratio=4, gradkeep="faster", ulp=4),
        entry("oneDNN", "jit", 5, ratio=0.8, gradkeep="slower", ulp=4.1))]))
    row = line(text, "| tanh | forward")
    assert "| PyTorch 1, 4 ULP | 4.00 | oneDNN jit 5, 4.1 ULP | 0.80 ✗ | PyTorch 1, 4 ULP | 4.00 |" in row
    assert "at least 1.3 times the fastest accurate peer | 1 of 1 rows |" in text
    assert "not slower than any peer | 0 of 1 rows ✗ |" in text
    assert "| tanh | 2 | PyTorch 1, 4 ULP | 2.00 |" in text
    assert "Short of “float32: not slower than any peer”: tanh forward." in text
    assert "On: abacus, 2 cores, gradkeep 0.1.0 at commit abc1234 with target AVX3" in text


def test_equal_is_said_and_does_not_reach_a_ratio(page):
    text = page(raw([result("tanh", entry("gradkeep", "fast", 4, ulp=1.5, call_64=20e-9),
                            entry("PyTorch", "own operation", 3, ratio=1.4, ulp=1))]))
    assert "| 1.40 = ✗ |" in line(text, "| tanh | forward")


def test_errors_may_come_from_another_file(page):
    alone = result("tanh", entry("gradkeep", "fast", 4, ulp=1.25))
    alone["entries"][0]["seconds"] = []
    text = page(raw([alone]), raw([result("tanh", entry("gradkeep", "fast", 4, call_64=2e-8))]))
    assert "| tanh | forward | 4 | 1.25 | – |" in text


@pytest.mark.parametrize("speed, verdict", [(3.5, "88 % ✗"), (3.7, "92 %")])
def test_memory_is_held_against_copies_and_the_rate_in_cache(page, speed, verdict):
    in_cache = raw([result("tanh", entry("gradkeep", "fast", 2, call_64=20e-9))])
    memory = raw([result("tanh", entry("gradkeep", "fast", speed),
                         entry("plain copy", "usual stores", 9),
                         entry("plain copy", "streaming stores", 10))],
                 elements=1 << 24, threads=2)
    assert f"| tanh | forward | {speed} | 10 | 4 | {verdict} |" in page(in_cache, memory)


def test_a_row_at_the_rate_of_a_copy_says_so(page):
    text = page(raw([result("relu", entry("gradkeep", "fast", 8, ulp=0, call_64=20e-9),
                            entry("oneDNN", "jit", 9.1, ratio=0.88, ulp=0),
                            entry("plain copy", "usual stores", 10))]))
    assert "| relu | forward | 8 | 0 | 10 ⊥ | oneDNN jit 9.1, 0 ULP | 0.88 = ✗ |" in text
    assert "fastest accurate peer”: relu forward ⊥." in text


def test_families_and_calls(page):
    text = page(raw([result("sigmoid", entry("gradkeep", "fast", 2, call_64=30e-9)),
                     result("improved_sigmoid", entry("gradkeep", "fast", 1, call_64=130e-9))]))
    assert "| improved_sigmoid forward costs at most 1.1 times sigmoid | 2.00 ✗ |" in text
    assert "a call on 64 elements: at most 30 ns beyond the work | 1 of 2 rows ✗ |" in text


def test_a_table_of_fewer_functions_says_so(page):
    fast = entry("gradkeep", "fast", 4, ulp=1.5)
    text = page(raw([result("tanh", fast), result("silu", fast)]),
                raw([result("tanh", fast)], elements=1 << 24))
    assert text.count("Of 1 functions; the largest table has 2.") == 1


def test_who_waits_instead_of_working_is_marked(page):
    def told(ours, theirs, threads):
        return raw([result("tanh", entry("gradkeep", "fast", ours, call_64=20e-9),
                           entry("PyTorch", "own operation", theirs))], threads=threads)

    text = page(told(2, 1, 1), told(0.9, 0.6, 2))
    assert "| tanh | forward | 0.9 ⧗ | PyTorch 0.6 | 1.00 = | 0.6 | 1.00 = |" in text
