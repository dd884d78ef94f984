# SPDX-License-Identifier: Apache-2.0
"""`cotrack worker`: the same as `python -m cotrack.worker`."""

from __future__ import annotations


def worker() -> None:
    """Serve a host such as Blender over stdin and stdout, as docs/protocol.md says. For programs, not for people."""
    from cotrack.worker.__main__ import main  # noqa: PLC0415

    main()
