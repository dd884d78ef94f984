# SPDX-License-Identifier: Apache-2.0
"""What pip says while it works, as progress and as reasons: pure text, no process.

pip's words are not an interface, so everything here fails soft: a line that is not known changes nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

_BYTES = re.compile(r"Progress (\d+) of (\d+)")
_FETCHED = re.compile(r"\s*(?:Downloading|Using cached|Processing) (?P<file>\S+)(?: \((?P<size>[0-9][^)]*)\))?")
_ARCHIVE = re.compile(r"(?P<name>[A-Za-z0-9_.]+)-(?P<version>[0-9][^-/\\]*)-[^/\\]*\.whl$")
_METADATA = re.compile(r"\.whl\.metadata\b")

_NO_NETWORK = (
    r"Failed to establish a new connection|Name or service not known|ConnectTimeout|getaddrinfo failed"
    r"|ProxyError|Network is unreachable|Connection refused|Temporary failure in name resolution"
)
_REASONS = (
    (r"No space left on device|not enough space", "the disk is full; make room and start again"),
    (_NO_NETWORK, "the package index cannot be reached; connect this machine, or choose a folder of wheels"),
    (
        r"CERTIFICATE_VERIFY_FAILED",
        "this machine does not trust the certificate of the package index; ask whoever runs your network",
    ),
    (r"Permission denied|Access is denied", "the folder may not be written to; choose another, or ask who owns it"),
)
_MISSING = re.compile(r"No matching distribution found for (\S+)")
_PYTHON = re.compile(r"requires a different Python: (\S+) not in (.+)")


@dataclass(frozen=True)
class Fetching:
    """How far pip is with collecting packages. share: of the one that is named last, 0..1, 0 where pip does not say."""

    fetched: int = 0
    name: str = ""
    size: str = ""
    share: float = 0.0
    is_installing: bool = False

    def after(self, line: str) -> Fetching:
        """The same after another line of pip's."""
        if line.startswith("Installing collected packages"):
            return replace(self, is_installing=True)
        amount = _BYTES.match(line)
        if amount:
            return replace(self, share=int(amount[1]) / max(1, int(amount[2])))
        fetched = _FETCHED.match(line)
        if fetched is None or _METADATA.search(line):
            return self
        archive = _ARCHIVE.search(fetched["file"])
        name = f"{archive['name']} {archive['version']}" if archive else fetched["file"].rsplit("/", 1)[-1]
        return Fetching(self.fetched + 1, name, fetched["size"] or "")


def packages_in(report: str) -> int:
    """How many packages an installation report (`pip install --dry-run --report`) lists; 0 when it cannot be read."""
    try:
        return len(json.loads(report)["install"])
    except (ValueError, KeyError, TypeError):
        return 0


def reason(lines: Sequence[str], from_folder: bool) -> str:  # noqa: FBT001  one fact, and both callers name it
    """Why pip failed, in a sentence with the cure, from its last lines."""
    text = "\n".join(lines)
    missing = _MISSING.search(text)
    if missing and from_folder:
        return f"the folder of wheels lacks {missing[1]}, or has it for another system or Python; put it there"
    for pattern, sentence in _REASONS:
        if re.search(pattern, text):
            return sentence
    python = _PYTHON.search(text)
    if python:
        return f"this Python is {python[1]}, but {python[2].strip()} is needed; choose another"
    if missing:
        return f"the package index has no {missing[1]} for this system and Python; choose another Python"
    errors = [line for line in lines if line.startswith("ERROR:")]
    told = errors[-1][len("ERROR:") :].strip() if errors else (lines[-1].strip() if lines else "pip said nothing")
    return f"pip could not install it ({told}); the log says more"
