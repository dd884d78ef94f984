# SPDX-License-Identifier: Apache-2.0
"""Runs inside a background Blender: `python run_in_background.py REQUEST` calls the script's main and writes its result."""

import importlib.util
import json
import sys
from pathlib import Path


def run(request_path: Path) -> None:
    request = json.loads(request_path.read_text("utf-8"))
    script = Path(request["script"])
    sys.path.insert(0, str(script.parent))  # scripts may share a module beside them
    spec = importlib.util.spec_from_file_location(script.stem, script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    outcome = json.dumps(module.main(**request["arguments"]))
    result = Path(request["result"])
    part = result.with_suffix(".part")
    part.write_text(outcome, "utf-8")
    part.rename(result)


if __name__ == "__main__":
    run(Path(sys.argv[1]))
