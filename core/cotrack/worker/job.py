# SPDX-License-Identifier: Apache-2.0
"""A job of the host, from the moment it is accepted to the message that ends it."""

from __future__ import annotations

from dataclasses import dataclass

from cotrack_client import messages


class NoLongerWanted(Exception):  # noqa: N818  nothing went wrong
    """The job has been ended; whoever works on it may stop."""


@dataclass(eq=False)
class Job:
    """A request and where it stands.

    before:  how many jobs it was told to wait for; None before it was told anything.
    is_over: its last message has been said. Written by the outbox alone.
    """

    request: messages.Job
    before: int | None = None
    is_over: bool = False

    @property
    def name(self) -> str:
        """As the host calls it. Free for another job once this one is over."""
        return self.request.job

    def still_wanted(self) -> None:
        """Raise NoLongerWanted when the job is over."""
        if self.is_over:
            raise NoLongerWanted(self.name)
