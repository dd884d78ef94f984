# SPDX-License-Identifier: Apache-2.0
"""Track with CoTracker3 in Nuke: markers of a Tracker4 go to a worker process, and come back as keys.

Everything here runs on Nuke's main thread, a little at every beat.
"""
