# SPDX-License-Identifier: Apache-2.0
"""The `cotrack` program: its commands, and what becomes of an error.

Exit codes: 0 done, 2 the input is at fault (one sentence on stderr), 1 we are, 130 interrupted.
"""

from __future__ import annotations

import errno
import logging
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Annotated, NoReturn

import typer
from typer.main import get_command

from cotrack import __version__
from cotrack.cli import (
    check,
    clean,
    convert,
    cornerpin,
    demo,
    doctor,
    evaluate,
    info,
    models,
    nuke,
    overlay,
    pseudo_label,
    stabilise,
    stmap,
    summary,
    track,
    train,
    worker,
)
from cotrack.cli.console import complain
from cotrack_client.errors import CotrackError

DONE, OUR_FAULT, INPUT_AT_FAULT, INTERRUPTED = 0, 1, 2, 130

_CURABLE = {
    errno.ENOSPC: "the disk is full; free some space, or write to another disk",
    errno.EDQUOT: "the disk quota is used up; free some space, or write to another disk",
    errno.EACCES: "access is denied; choose a place that you may read and write",
    errno.EPERM: "access is denied; choose a place that you may read and write",
    errno.EROFS: "it is read-only; choose another place",
    errno.ENOENT: "it is not there; check the path",
    errno.EISDIR: "it is a folder; name a file",
    errno.ENOTDIR: "part of the path is not a folder; check the path",
    errno.ENAMETOOLONG: "the name is too long for this disk; choose a shorter one",
}

app = typer.Typer(
    name="cotrack",
    help="AI point tracking for compositors and matchmovers.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("track")(track.track)
app.command("check")(check.check)
app.command("summary")(summary.summarise_tracks)
app.command("clean")(clean.clean_tracks)
app.command("convert")(convert.convert)
app.command("export")(convert.convert)
app.command("demo")(demo.demo)
app.command("info")(info.info)
app.add_typer(models.app, name="models")
app.command("doctor")(doctor.doctor)
app.add_typer(evaluate.app, name="evaluate")
app.command("worker")(worker.worker)
app.command("nuke")(nuke.nuke)
app.command("train")(train.train)
app.command("stabilise")(stabilise.stabilise)
app.command("cornerpin")(cornerpin.cornerpin)
app.command("overlay")(overlay.overlay)
app.command("stmap")(stmap.stmap)
app.command("pseudo-label")(pseudo_label.pseudo_label)


@app.callback()
def _common(
    *,
    verbose: Annotated[int, typer.Option("--verbose", "-v", count=True, help="Say more; -vv says everything.")] = 0,
    version: Annotated[bool, typer.Option("--version", help="Say the version and stop.")] = False,
) -> None:
    level = {0: logging.WARNING, 1: logging.INFO}.get(verbose, logging.DEBUG)
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", force=True)
    if version:
        sys.stdout.write(f"cotrack {__version__}\n")
        raise typer.Exit


def main() -> NoReturn:
    """Run the program and leave with its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        outcome = get_command(app).main(list(arguments) or ["--help"], prog_name="cotrack", standalone_mode=False)
    except CotrackError as error:
        complain(str(error))
        return INPUT_AT_FAULT
    except (KeyboardInterrupt, typer.Abort):
        outcome = INTERRUPTED
    except typer.TyperException as error:
        complain(f"{error.format_message().rstrip('.')}; see --help")
        return INPUT_AT_FAULT
    except OSError as error:
        return _report_system_error(error)
    except Exception:  # noqa: BLE001  the process's edge: whatever else goes wrong is our fault, and is said to be
        return _report_our_fault()
    if outcome == INTERRUPTED:  # typer, too, makes it of Ctrl-C
        complain("interrupted; no result was left half-written")
    return outcome if isinstance(outcome, int) else DONE


def _report_system_error(error: OSError) -> int:
    cure = _CURABLE.get(error.errno or 0)
    if cure is None:
        return _report_our_fault()
    complain(f"{error.filename}: {cure}" if error.filename else cure)
    return INPUT_AT_FAULT


def _report_our_fault() -> int:
    logging.getLogger(__name__).critical("unexpected error", exc_info=True)
    complain("this is a fault in cotrack, not in your shot; please report it with the lines above")
    return OUR_FAULT


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
