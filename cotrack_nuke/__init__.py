# SPDX-License-Identifier: Apache-2.0
"""Track with CoTracker3 in Nuke: markers of a Tracker4 go to a worker process, and come back as keys.

Everything here runs on Nuke's main thread. The client's own threads serve the worker's pipes and never see a node.
"""
