# SPDX-License-Identifier: Apache-2.0
"""The next frames, read on background threads while the caller works on this one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Frames = tuple[int, ...]
Result = TypeVar("Result")

_MOST_JOBS = 16


def read_ahead(
    jobs: Iterator[Frames], read: Callable[[Frames], Result], *, most: int, readers: int
) -> Iterator[tuple[Frames, Result]]:
    """Yield each job with its result, in order, with at most `most` frames (or one job) read or on their way.

    The threads end when the iterator does, is closed, or is dropped. What `read` raises is raised here, in its turn.
    """
    pending: deque[tuple[Frames, Future[Result]]] = deque()
    frames_pending = 0
    pool = ThreadPoolExecutor(max_workers=readers, thread_name_prefix="cotrack-media")
    try:
        for job in jobs:
            while pending and (frames_pending + len(job) > most or len(pending) >= _MOST_JOBS):
                done, future = pending.popleft()
                frames_pending -= len(done)
                yield done, future.result()
            pending.append((job, pool.submit(read, job)))
            frames_pending += len(job)
        while pending:
            done, future = pending.popleft()
            yield done, future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
