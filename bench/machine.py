"""What the benchmarks that are Python programs say of the machine.
SPDX-License-Identifier: Apache-2.0
"""


def processor():
    with open("/proc/cpuinfo") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return "unknown processor"
