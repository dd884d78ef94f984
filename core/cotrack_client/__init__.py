# SPDX-License-Identifier: Apache-2.0
"""What runs inside a host: the data model, the conventions, the interchange formats.

Standard library only, Python 3.9 and later. A host never imports torch, numpy or `cotrack`.
"""

__version__ = "0.1.0"
