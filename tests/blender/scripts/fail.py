# SPDX-License-Identifier: Apache-2.0
"""Fails."""


def main() -> None:
    raise ValueError("the picture fell off the wall")
