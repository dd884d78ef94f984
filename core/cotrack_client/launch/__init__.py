# SPDX-License-Identifier: Apache-2.0
"""Starting a worker from inside a host: its environment, its process, its pipes, and why it ended."""
