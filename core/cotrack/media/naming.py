# SPDX-License-Identifier: Apache-2.0
"""The names of the files of a sequence.

    plate.####.exr     as many # as digits at least
    plate.%04d.exr     printf; %d without padding
    plate.$F4.exr      Houdini; $F without padding

A frame number is written with at least the digits of its pattern, filled with zeros: #### is 0999, 1000, 10000. What
follows a "v" is a version (plate_v002.exr), never a frame number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_WILDCARD = re.compile(r"(?P<hash>#+)|%(?:0?(?P<printf>\d+))?d|\$F(?P<houdini>\d?)")
_NUMBER = re.compile(r"\d+", re.ASCII)
_SEPARATORS = ("", " ", ".", "_", "-")


@dataclass(frozen=True)
class Template:
    """A file name with a gap for the frame number.

    padding: the least number of digits; 0 and 1 both mean that numbers are not padded.
    """

    prefix: str
    padding: int
    suffix: str

    def __str__(self) -> str:
        return f"{self.prefix}{'#' * max(self.padding, 1)}{self.suffix}"

    def name(self, frame: int) -> str:
        """The file name of a frame."""
        return f"{self.prefix}{frame:0{max(self.padding, 1)}d}{self.suffix}"

    def frame(self, name: str) -> int | None:
        """The frame number in a file name, None where the name belongs to another sequence."""
        if not (name.startswith(self.prefix) and name.endswith(self.suffix)):
            return None
        digits = name[len(self.prefix) : len(name) - len(self.suffix)]
        if not re.fullmatch(r"-?\d+", digits, re.ASCII) or self.name(int(digits)) != name:
            return None
        return int(digits)

    def among(self, names: Iterable[str]) -> dict[int, str]:
        """Frame number to file name, ascending, of those names that belong to this sequence."""
        found = ((self.frame(name), name) for name in names)
        return dict(sorted((frame, name) for frame, name in found if frame is not None))


def parse_pattern(name: str) -> Template | None:
    """Read a pattern; None when the name has no wildcard. The last wildcard is the frame number."""
    wildcards = list(_WILDCARD.finditer(name))
    if not wildcards:
        return None
    last = wildcards[-1]
    padding = len(last["hash"]) if last["hash"] else int(last["printf"] or last["houdini"] or 1)
    return Template(name[: last.start()], padding, name[last.end() :])


def template_of(name: str, siblings: Iterable[str]) -> Template | None:
    """Find which number in a file name is the frame number: the last one in which other files differ.

    Returns None when no other file belongs to the same sequence.
    """
    siblings = tuple(siblings)
    for readings in _readings(name):
        best = max(readings, key=lambda template: len(template.among(siblings)))
        if len(best.among(siblings)) > 1:
            return best
    return None


def lone_frame(name: str) -> int | None:
    """The frame number that a picture without siblings carries: "plate.1001.exr" is 1001, "photo.jpg" is None."""
    for template, *_ in _readings(name):
        if template.prefix[-1:] in _SEPARATORS and template.suffix[:1] in _SEPARATORS:
            return template.frame(name)
    return None


def group(names: Iterable[str]) -> dict[str, dict[int, str]]:
    """Sort file names into sequences: pattern to frame number to file name.

    A name without siblings stands for itself, as frame 1 or the number in it.
    """
    left = set(names)
    groups: dict[str, dict[int, str]] = {}
    # Padded names first: plate.0999 claims plate.1000, which alone could not tell whether it is padded.
    for name in sorted(left, key=lambda name: (re.search(r"(?<!\d)0\d", name) is None, name)):
        if name in left:
            template = template_of(name, left)
            members = template.among(left) if template else {lone_frame(name) or 1: name}
            groups[str(template or name)] = members
            left.difference_update(members.values())
    return groups


def _readings(name: str) -> Iterator[list[Template]]:
    """For each number in a file name, the last first: the templates in which it is the frame number.

    "0999" is padded to four digits; "1000" may be padded to any number of digits up to four, the most likely first.
    """
    stem = name[: name.rfind(".")] if "." in name[1:] else name
    for number in reversed(list(_NUMBER.finditer(stem))):
        if stem[: number.start()][-1:] not in ("v", "V"):
            digits = len(number[0])
            paddings = [digits] if number[0][0] == "0" else range(digits, 0, -1)
            yield [Template(name[: number.start()], padding, name[number.end() :]) for padding in paddings]
