# SPDX-License-Identifier: Apache-2.0
"""Operations that clean a track: each takes one and returns another, and none ever changes a key or looks across one.

What is taken out becomes a gap, never a hole: the position stays as a guess, with no confidence. `clean.clean` applies
them in the order in which they help each other; `docs/cleaning.md` says when to use which.
"""
