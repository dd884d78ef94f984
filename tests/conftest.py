# SPDX-License-Identifier: Apache-2.0
"""What every test runs under: one thread per process, as pytest runs a process per core, and no clock."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported; the processes that tests start heed it too

import hypothesis

hypothesis.settings.register_profile("no clock", deadline=None)
hypothesis.settings.load_profile("no clock")
