# SPDX-License-Identifier: Apache-2.0
"""Inside a Blender without a window: `python run_in_background.py REQUEST` calls `main` of the script."""

import faulthandler
import sys
from pathlib import Path

from request import Request

if __name__ == "__main__":
    faulthandler.enable()  # a crash says where
    request = Request(Path(sys.argv[1]))
    request.answer(request.load_script().main(**request.arguments))
