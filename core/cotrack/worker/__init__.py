# SPDX-License-Identifier: Apache-2.0
"""The subprocess that serves a host: `python -m cotrack.worker`, messages on stdin and stdout, see docs/protocol.md.

One thread hears (`session`), one works (`bench`), one speaks (`outbox`), so that a cancel is answered at any moment.
"""
