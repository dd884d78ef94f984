# SPDX-License-Identifier: Apache-2.0
"""Asks a real Nuke what this project assumes of it, and prints a line per question. For whoever has a licence:

    Nuke17.0 -t tests/nuke_probe.py [REPORT.txt]

or, for the questions that need a window, in an empty script in Nuke's Script Editor:

    import runpy; runpy.run_path("/path/to/checkout/tests/nuke_probe.py", run_name="__main__")

Each line begins with `agrees`, `DIFFERS`, or `unknown` where the question could not be answered there; then comes the
question with what is assumed, and what was seen. Nothing is written but files in a temporary folder. Please open an
issue with the report, whatever it says.
"""

from __future__ import annotations

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
for _place in (REPOSITORY / "core", REPOSITORY, REPOSITORY / "tests"):
    if str(_place) not in sys.path:
        sys.path.append(str(_place))

import nuke  # noqa: E402
from nuke_probes import nodes, pictures, session, tables, window  # noqa: E402, F401  each adds its questions
from nuke_probes.report import answer_all, first_line, last_line  # noqa: E402


def main(arguments: list[str]) -> None:
    """Ask everything."""
    if nuke.GUI and nuke.allNodes():
        print("open an empty script first")  # noqa: T201
        return
    lines = [first_line()]
    print(lines[0])  # noqa: T201
    for line in answer_all():
        lines.append(line)
        print(line, flush=True)  # noqa: T201
    lines.append(last_line(lines))
    print(lines[-1])  # noqa: T201
    if arguments:
        Path(arguments[0]).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main([argument for argument in sys.argv[1:] if argument.endswith(".txt")])
