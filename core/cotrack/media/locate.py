# SPDX-License-Identifier: Apache-2.0
"""What the artist called a shot, found on disk: a movie, a pattern, one file of a sequence, or a folder."""

from __future__ import annotations

import difflib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cotrack.media import kinds, naming
from cotrack.media.errors import MediaError, check_readable, file_error

_MOST_LISTED = 5


@dataclass(frozen=True)
class Movie:
    """One file that holds all frames."""

    path: Path


@dataclass(frozen=True)
class Pictures:
    """One file per frame.

    path:  the pattern, or the file where there is only one.
    files: frame number, as the names say it, to file; ascending and never empty.
    """

    path: Path
    files: dict[int, Path]


def locate(path: Path) -> Movie | Pictures:
    """Find the files of a shot.

    Raises MediaError when there are none, when it is not clear which are meant, or when their kind cannot be read.
    """
    try:
        return _locate(path)
    except OSError as error:
        raise file_error(path, error) from error


def _locate(path: Path) -> Movie | Pictures:
    if path.is_dir():
        return _in_folder(path)
    if not path.parent.is_dir():
        raise MediaError(f"there is no folder {path.parent}; check the path")
    if not path.exists() and (template := naming.parse_pattern(path.name)):
        return _by_template(path.parent, template)
    if not path.exists():
        raise MediaError(f"{path} does not exist; {_near(path.parent, path.name)}")
    kinds.refuse_what_cannot_be_read(path)
    check_readable(path)
    if kinds.is_movie(path):
        return Movie(path)
    return _around(path)


def _around(path: Path) -> Pictures:
    """The sequence that one file belongs to, or the file alone."""
    names = _names(path.parent)
    template = naming.template_of(path.name, names)
    if template is None:
        return Pictures(path, {naming.lone_frame(path.name) or 1: path})
    return _pictures(path.parent, str(template), template.among(names))


def _by_template(folder: Path, template: naming.Template) -> Pictures:
    files = template.among(_names(folder))
    if not files:
        raise MediaError(f"no file in {folder} matches {template}; {_near(folder, str(template))}")
    kinds.refuse_what_cannot_be_read(folder / str(template))
    return _pictures(folder, str(template), files)


def _in_folder(folder: Path) -> Movie | Pictures:
    names = _names(folder)
    groups = naming.group(name for name in names if kinds.is_still(Path(name)))
    movies = [name for name in names if kinds.is_movie(Path(name))]
    if len(groups) + len(movies) > 1:
        raise MediaError(f"{folder} holds more than one shot ({_listed([*groups, *movies])}); name one of them")
    for name in movies:
        return Movie(folder / name)
    for pattern, files in groups.items():
        return _pictures(folder, pattern, files)
    for name in names:
        kinds.refuse_what_cannot_be_read(folder / name)
    raise MediaError(f"{folder} holds no picture and no movie; name the folder of a sequence, or a movie")


def _pictures(folder: Path, name: str, files: dict[int, str]) -> Pictures:
    return Pictures(folder / name, {frame: folder / file for frame, file in files.items()})


def _names(folder: Path) -> list[str]:
    """The files of a folder, without those that the system hides."""
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if not entry.name.startswith(".") and entry.is_file())


def _near(folder: Path, name: str) -> str:
    """The cure for a name that matches nothing: what lies there that resembles it."""
    names = [file for file in _names(folder) if kinds.is_still(Path(file)) or kinds.is_movie(Path(file))]
    if not names:
        return "the folder holds no picture and no movie; check the path"
    shots = {re.sub(r"[#\d]+", "#", shot): shot for shot in naming.group(names)}
    alike = difflib.get_close_matches(re.sub(r"[#\d]+", "#", name), shots, n=_MOST_LISTED, cutoff=0.5)
    return f"the folder holds {_listed([shots[shot] for shot in alike or shots])}"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more
