# SPDX-License-Identifier: Apache-2.0
"""Scripts come back to the byte, whatever is in them; what is changed is all that changes."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack_client.errors import CotrackError, FormatError
from cotrack_client.formats.nuke.pieces import Command, Filler, Node, make_node
from cotrack_client.formats.nuke.script import parse, read_script, write_script

SAMPLES = sorted((Path(__file__).parents[3] / "data/nuke").glob("*.nk"))

SCRIPT = r"""#! /usr/local/Nuke16.0v5/Nuke16.0 -nx
# a comment with a { brace
version 16.0 v5
define_window_layout_xml {<?xml version="1.0"?>
<layout version="1.0"/>
}
Root {
 inputs 0
 name /shots/a.nk
}
Group {
 inputs 0
 name Group1
 addUserKnob {20 User l "My Tab"}
 addUserKnob {26 text l "" +STARTLINE T "say \"hi\"\n\}"}
 label "first\nsecond
third line"
}
 Input {
  inputs 0
  name Input1
 }
 Group {
  name Inner
 }
  Tracker4 {
   name Tracker1
  }
 end_group
 Tracker4 {
  name Tracker1
 }
end_group
set N1 [stack 0]
clone $N1 {
 xpos 10
}
Tracker4 {
tracks { { 1 31 0 }
 {a} }

 name Tracker2
}; push 0
Dot {}
"""


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_real_script_comes_back_to_the_byte(path: Path, tmp_path: Path) -> None:
    script = read_script(path)
    write_script(script, tmp_path / "out.nk")
    assert (tmp_path / "out.nk").read_bytes() == path.read_bytes()
    for found in script.nodes():
        assert found.node.text == found.node.head + "".join(part.text for part in found.node.parts) + "}"


@pytest.mark.parametrize("text", [SCRIPT, SCRIPT.replace("\n", "\r\n"), "\ufeff" + SCRIPT, SCRIPT.rstrip()])
def test_a_script_of_everything_comes_back_to_the_byte(text: str) -> None:
    assert parse(text).text == text


def test_bytes_that_are_no_utf_8_pass_as_they_are(tmp_path: Path) -> None:
    data = b"Dot {\n label \xe9t\xe9\n name Dot1\n}\n"
    (tmp_path / "in.nk").write_bytes(data)
    write_script(read_script(tmp_path / "in.nk"), tmp_path / "out.nk")
    assert (tmp_path / "out.nk").read_bytes() == data


def test_nodes_are_found_in_their_groups() -> None:
    found = {found.full_name: found.node.class_name for found in parse(SCRIPT).nodes()}
    assert found == {
        "/shots/a.nk": "Root",
        "Group1": "Group",
        "Group1.Input1": "Input",
        "Group1.Inner": "Group",
        "Group1.Inner.Tracker1": "Tracker4",
        "Group1.Tracker1": "Tracker4",
        "Tracker2": "Tracker4",
        "": "Dot",
    }


def test_knobs_are_what_their_lines_say() -> None:
    group = parse(SCRIPT).find("Group1").node
    assert [knob.name for knob in group.knobs] == ["inputs", "name", "addUserKnob", "addUserKnob", "label"]
    assert group.get("label") == '"first\\nsecond\nthird line"'
    assert group.text_of("label") == "first\nsecond\nthird line"
    assert group.get("addUserKnob") == r'{26 text l "" +STARTLINE T "say \"hi\"\n\}"}'
    assert parse(SCRIPT).find("Tracker2").node.get("tracks") == "{ { 1 31 0 }\n {a} }"
    assert group.get("nothing") is None


def test_a_clone_knows_what_it_copies() -> None:
    clone = next(piece for piece in parse(SCRIPT).pieces if isinstance(piece, Node) and piece.clone_of)
    assert (clone.class_name, clone.clone_of, clone.text_of("xpos")) == ("", "N1", "10")
    named = parse("clone node1a|Blur1|2 Blur {\n name Blur1\n}\n").find("Blur1").node
    assert (named.class_name, named.clone_of) == ("Blur", None)


def test_a_full_name_tells_nodes_of_one_name_apart() -> None:
    script = parse(SCRIPT)
    assert script.find("Group1.Tracker1").groups == ("Group1",)
    with pytest.raises(CotrackError, match=r"2 nodes called 'Tracker1'.*Group1\.Inner.Tracker1.*give the full name"):
        script.find("Tracker1")
    with pytest.raises(CotrackError, match="no node called 'Tracker9'; check the name"):
        script.find("Tracker9")


def test_a_knob_that_is_set_changes_nothing_else() -> None:
    script = parse(SCRIPT)
    found = script.find("Group1.Tracker1")
    changed = script.replacing(found.place, found.node.with_knob("label", "new").with_knob("name", "Tracker7"))
    assert changed.text == SCRIPT.replace(
        " Tracker4 {\n  name Tracker1\n }\nend_group\nset",
        " Tracker4 {\n  label new\n  name Tracker7\n }\nend_group\nset",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Dot {}", "Dot {\nlabel new\n}"),
        ("Dot {\n xpos 1\n}", "Dot {\n xpos 1\n label new\n}"),
        ("Dot {\n label\n name a\n}", "Dot {\n label new\n name a\n}"),
        ("Dot {\r\n label {a\r\nb}\r\n}", "Dot {\r\n label new\r\n}"),
        ("Dot {label a\nlabel b}", "Dot {label a\nlabel new}"),
    ],
)
def test_a_knob_is_set_wherever_it_stands(before: str, after: str) -> None:
    (node,) = (found.node for found in parse(before).nodes())
    assert node.with_knob("label", "new").text == after


def test_a_new_node_looks_as_nuke_writes_it() -> None:
    node = make_node("Dot", {"inputs": "0", "name": "Dot1"}, "\n ")
    assert node.text == "Dot {\n  inputs 0\n  name Dot1\n }"
    assert parse(node.text).pieces == (node,)


def test_live_groups_may_bring_their_nodes_or_not() -> None:
    inside = "LiveGroup {\n name L\n}\n Dot {\n  name A\n }\nend_group\nDot {\n name B\n}\n"
    assert [found.full_name for found in parse(inside).nodes()] == ["L", "L.A", "B"]
    assert [found.full_name for found in parse(inside.replace("end_group\n", "")).nodes()] == ["L", "A", "B"]


def test_groups_without_an_end_are_refused_but_kept() -> None:
    script = parse("Group {\n name A\n}\nend_group\nend_group\n")
    assert script.text.endswith("end_group\nend_group\n")
    with pytest.raises(FormatError, match="1 groups but 2 times end_group"):
        list(script.nodes())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"Dot {\n name a\n", "in.nk line 1 opens a brace that nothing closes; the file is cut short"),
        (b"version 1\n\nDot {}\nDot {\n}\nRead { {\n }\n", "line 6 opens a brace"),
        (b"Dot\0{}", "is no text"),
    ],
)
def test_a_damaged_file_is_named(data: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "in.nk").write_bytes(data)
    with pytest.raises(FormatError, match=message):
        read_script(tmp_path / "in.nk")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CotrackError, match=r"none\.nk: No such file"):
        read_script(tmp_path / "none.nk")


fragments = st.sampled_from(
    [
        *'{}[]"\\ \n\r\t#;$|',
        "Dot",
        "Tracker4 {",
        "name a",
        "}\n",
        "end_group\n",
        "Group {\n}\n",
        "set N [stack 0]",
        "\\\n",
    ]
)


@given(st.lists(fragments, max_size=40).map("".join) | st.text(max_size=40))
def test_no_text_crashes_the_reader(text: str) -> None:
    with contextlib.suppress(FormatError):
        script = parse(text)
        assert script.text == text
        for piece in script.pieces:
            assert isinstance(piece, (Filler, Command, Node))
            if isinstance(piece, Node):
                assert piece.class_name or piece.clone_of is not None
                assert all(knob.name for knob in piece.knobs)
        list(script.nodes())


@pytest.mark.parametrize("part", ["Dot {\n", "a {", '"', "[", "#\\\n", "{}", "Group {\n}\n", "\\", "x \\\n"])
def test_long_damaged_scripts_are_read_in_one_go(part: str) -> None:
    text = part * (200_000 // len(part))
    with contextlib.suppress(FormatError):
        assert parse(text).text == text
