# SPDX-License-Identifier: Apache-2.0
"""Inside any Blender: what the test asked for, and how to answer it."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType


class Request:
    """A script to run, its arguments, and the file that its result goes to; read from a JSON file."""

    def __init__(self, path: Path) -> None:
        read = json.loads(path.read_text("utf-8"))
        self.arguments: dict[str, object] = read["arguments"]
        self.photographs = Path(read.get("photographs", path.parent))
        self._script = Path(read["script"])
        self._result = Path(read["result"])

    def load_script(self) -> ModuleType:
        """Import the script, which may import modules beside it."""
        sys.path.insert(0, str(self._script.parent))
        spec = importlib.util.spec_from_file_location(self._script.stem, self._script)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def answer(self, value: object) -> None:
        """Write the result, whole or not at all."""
        text = json.dumps(value)
        part = self._result.with_suffix(".part")
        part.write_text(text, "utf-8")
        part.rename(self._result)
