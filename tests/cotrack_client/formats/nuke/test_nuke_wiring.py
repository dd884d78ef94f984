# SPDX-License-Identifier: Apache-2.0
"""Which node feeds which, and a new node that disturbs none of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cotrack_client.errors import CotrackError, FormatError
from cotrack_client.formats.nuke.placing import add_beside
from cotrack_client.formats.nuke.script import Script, parse, read_script
from cotrack_client.formats.nuke.wiring import connections

DATA = Path(__file__).parents[3] / "data/nuke"
COMP = DATA / "T4_16.0v5_cotracker_90tracks_implicit_x0.nk"


def wires(script: Script) -> dict[str, list[str | None]]:
    """Full name of every node to the names of its inputs."""
    inputs = connections(script)
    names = {found.place: found.full_name for found in script.nodes()}
    return {names[place]: [None if wire is None else names[wire] for wire in inputs[place]] for place in inputs}


def nodes(*lines: str) -> Script:
    """Commands, in which "Name" is a Dot of that name, and "Name/2" one with two inputs."""
    text = ""
    for line in lines:
        name, _, inputs = line.partition("/")
        is_node = " " not in line and line != "end_group"
        text += f"Dot {{\n{f' inputs {inputs}' if inputs else ''}\n name {name}\n}}\n" if is_node else line + "\n"
    return parse(text)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["A/0", "B"], {"A": [], "B": ["A"]}),
        (["A/0", "B/0", "M/2"], {"A": [], "B": [], "M": ["B", "A"]}),
        (["A/0", "B/0", "C/0", "M/2+1"], {"A": [], "B": [], "C": [], "M": ["C", "B", "A"]}),
        (["A/0", "set N [stack 0]", "B", "push $N", "C"], {"A": [], "B": ["A"], "C": ["A"]}),
        (["A/0", "B/0", "set N [stack 1]", "push $N", "C"], {"A": [], "B": [], "C": ["A"]}),
        (["A/0", "push 0", "M/2"], {"A": [], "M": [None, "A"]}),
        (["set cut_paste_input [stack 0]", "push $cut_paste_input", "A"], {"A": [None]}),
        (["A", "B"], {"A": [None], "B": ["A"]}),
    ],
)
def test_inputs_come_off_the_stack(lines: list[str], expected: dict[str, list[str | None]]) -> None:
    assert wires(nodes(*lines)) == expected


def test_a_group_has_a_stack_of_its_own() -> None:
    script = nodes("A/0", "Group {\n name G\n}", "I/0", "B", "end_group", "C")
    assert wires(script) == {"A": [], "G": ["A"], "G.I": [], "G.B": ["G.I"], "C": ["G"]}


def test_inputs_that_are_no_number_are_refused() -> None:
    with pytest.raises(FormatError, match="node 'A' has many inputs, which is no number"):
        connections(nodes("A/many"))


def test_the_wires_of_a_real_comp() -> None:
    found = wires(read_script(COMP))
    assert found["Tracker5"] == ["Read1"]
    assert found["Merge1"] == ["TimeOffset1", "Premult1"]
    assert found["Merge3"] == ["TimeOffset2", "Transform1"]


@pytest.mark.parametrize("path", sorted(DATA.glob("T4_*.nk")), ids=lambda path: path.stem)
def test_a_node_beside_another_has_its_input_and_changes_no_wire(path: Path) -> None:
    script = read_script(path)
    before = wires(script)
    for found in list(script.nodes()):
        if found.node.class_name == "Tracker4":
            added = add_beside(script, found, "Tracker4", {"reference_frame": "7"}, found.node.name)
            assert parse(added.text).text == added.text
            after = wires(parse(added.text))
            new = after.pop(f"{found.node.name}1" if f"{found.node.name}1" not in before else list(after)[-1])
            assert [wire for wire in new if wire] == [wire for wire in before[found.full_name] if wire]
            assert after == before


def test_all_that_is_added_are_lines() -> None:
    before = read_script(COMP)
    after = add_beside(before, before.find("Tracker5"), "Tracker4", {"reference_frame": "7"}, "Tracker5_ai")
    lines = iter(after.text.splitlines())
    assert all(line in lines for line in before.text.splitlines())
    assert after.text.endswith(
        "}\npush $Ncotrack0\nTracker4 {\n reference_frame 7\n name Tracker5_ai\n xpos 35\n ypos 114\n}\n"
    )


def test_a_node_in_a_group_gets_its_neighbour_there() -> None:
    text = (
        "Group {\n name G\n}\n"
        " Read {\n  inputs 0\n  name R\n }\n Tracker4 {\n  name T\n  xpos 5\n  ypos -6\n }\n"
        " Dot {\n  name O\n }\nend_group\n"
        "Tracker4 {\n name T\n}\n"
    )
    script = parse(text)
    added = add_beside(script, script.find("G.T"), "Tracker4", {}, "T")
    assert wires(added) == {**wires(script), "G.T1": ["G.R"]}
    assert added.text == text.replace(
        " Tracker4 {\n  name T\n  x", " set Ncotrack0 [stack 0]\n Tracker4 {\n  name T\n  x"
    ).replace(" }\nend_group", " }\n push $Ncotrack0\n Tracker4 {\n  name T1\n  xpos 115\n  ypos -6\n }\nend_group")


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_line_ends_are_those_of_the_script(line_end: str, end: str) -> None:
    text = "Read {\n inputs 0\n name R\n}\nTracker4 {\n name T\n}" + end
    script = parse(text.replace("\n", line_end))
    added = add_beside(script, script.find("T"), "Tracker4", {}, "T 2").text
    assert added.replace(line_end, "\n") == (
        "Read {\n inputs 0\n name R\n}\nset Ncotrack0 [stack 0]\nTracker4 {\n name T\n}\n"
        "push $Ncotrack0\nTracker4 {\n name T_2\n}" + end
    )
    assert added.count("\n") == added.count(line_end)


def test_a_node_of_two_inputs_has_no_neighbour() -> None:
    script = nodes("A/0", "B/0", "M/2")
    with pytest.raises(CotrackError, match="M has 2 inputs, not one; connect just the plate"):
        add_beside(script, script.find("M"), "Dot", {}, "N")


def test_a_name_is_never_taken_twice() -> None:
    script = nodes("A/0", "B", "B1")
    added = add_beside(script, script.find("A"), "Dot", {}, "B")
    assert [found.node.name for found in added.nodes()] == ["A", "B", "B1", "B2"]
