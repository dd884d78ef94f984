# SPDX-License-Identifier: Apache-2.0
"""What each process of `test_two_processes_...` does: two steps of the smoke configuration, and keep what came of them.

Argument: the folder to write to.
"""

import sys
from pathlib import Path

from cotrack.training.config import BUNDLED, load_config
from cotrack.training.processes import joined_processes
from cotrack.training.shots.generator import ShotGenerator
from cotrack.training.shots.textures import TextureBank
from cotrack.training.state import write_state
from cotrack.training.supply import Supply
from cotrack.training.trainer import Trainer

OFFLINE_STEP, ONLINE_STEP = 0, 2
FOLDER = Path(sys.argv[1])

config = load_config(BUNDLED / "smoke.toml")
shots = ShotGenerator(config.shots, TextureBank.procedural("cpu", count=4, size=32, shapes=2), "cpu")
with joined_processes("cpu") as processes:
    trainer = Trainer(config, processes)
    supply = Supply(config, shots, processes)
    for step in (OFFLINE_STEP, ONLINE_STEP):
        trainer.learn(supply.lesson(step), step, 1e-3)
    write_state(FOLDER / str(processes.rank), trainer.tensors("exact"), {})
