# SPDX-License-Identifier: Apache-2.0
"""An artist is told what cleaning has changed, and nothing of what it has not."""

from cotrack_client.cleaning.clean import Change, Cleaning, clean
from cotrack_client.cleaning.words import in_words
from cotrack_client.tracks import Track


def test_what_changed_nothing_is_not_told() -> None:
    changes = (Change("spikes", 1, 1), Change("filled"), Change("smoothed", 2, 40, 0.314))
    assert in_words(changes) == "1 spike taken out, 40 samples smoothed by up to 0.31 px"
    assert in_words([Change("filled")]) == ""


def test_every_operation_has_its_words() -> None:
    track = Track("a", (), (1, 2), (0.0, 9.0), (0.0, 0.0), (True, True), (1.0, 0.2))
    everything = Cleaning(confidence=0.5, error=1.0, despike=True, fill=2, shortest=2, smooth=5)
    _, changes = clean([track], everything)
    told = in_words(Change(change.operation, 1, 2) for change in changes)
    assert len(told.split(", ")) == len(everything.operations())
    assert in_words(changes) == "1 doubtful sample taken out, 1 sample of a short piece taken out"
