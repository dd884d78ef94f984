# SPDX-License-Identifier: Apache-2.0
"""A script for After Effects that makes a null per track, in the open composition: File > Scripts > Run Script File.

Origin: outer top-left corner of the composition, x right, y down. Unit: pixels. Frame base: 0 is the first frame of the
plate, taken for that of the composition. Encoding: ASCII. Gaps: the null holds its last position, its opacity is 0.

    file  = title "var tracks = [" track "," ... "];" program
    track = {"name": NAME, "begins": [n, ...], "ends": [n, ...], "frames": [n, ...], "places": [[x, y], ...]}

`begins` are the frames at which it becomes visible, `ends` those at which it no longer is.
The program is ECMAScript 3, which is all that After Effects runs. It sets all positions of a null in one call, as one
per key takes minutes; times are frames over the composition's own rate. It refuses a composition of another size.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from cotrack_client.formats.format import Format, written_as
from cotrack_client.formats.samples import seen
from cotrack_client.tracks import Track, TrackDocument

_OPENING = (
    "// Tracks of cotrack for After Effects: open a composition of the plate, then File > Scripts > Run Script File.\n"
)

_PROGRAM = """
function makeNull(comp, track) {
    var layer = comp.layers.addNull(comp.duration);
    layer.name = track.name;
    var position = layer.property("ADBE Transform Group").property("ADBE Position");
    var opacity = layer.property("ADBE Transform Group").property("ADBE Opacity");
    var times = [], shown = [], i;
    for (i = 0; i < track.frames.length; i++) { times.push(track.frames[i] * comp.frameDuration); }
    position.setValuesAtTimes(times, track.places);
    if (track.begins[0] > 0) { shown.push([0, 0]); }
    for (i = 0; i < track.ends.length; i++) {
        shown.push([track.ends[i], 0]);
        position.setInterpolationTypeAtKey(
            position.nearestKeyIndex((track.ends[i] - 1) * comp.frameDuration), KeyframeInterpolationType.HOLD);
    }
    for (i = 0; i < track.begins.length; i++) { shown.push([track.begins[i], 100]); }
    for (i = 0; i < shown.length; i++) {
        opacity.setValueAtTime(shown[i][0] * comp.frameDuration, shown[i][1]);
    }
    for (i = 1; i <= opacity.numKeys; i++) {
        opacity.setInterpolationTypeAtKey(i, KeyframeInterpolationType.HOLD);
    }
}

(function () {
    var comp = app.project.activeItem, i;
    if (!(comp instanceof CompItem)) { alert("Open a composition of the plate first."); return; }
    if (comp.width !== size[0] || comp.height !== size[1]) {
        alert("The composition is " + [comp.width, comp.height].join(" x ") + ", the plate " + size.join(" x ") + ".");
        return;
    }
    app.beginUndoGroup("Tracks of cotrack");
    for (i = 0; i < tracks.length; i++) { makeNull(comp, tracks[i]); }
    app.endUndoGroup();
}());
"""


def write(document: TrackDocument) -> Iterator[str]:
    """Write the script, a piece per track."""
    shot = document.shot
    yield f"{_OPENING}var size = [{shot.width}, {shot.height}];\nvar tracks = ["
    for place, track in enumerate(document.tracks):
        yield (",\n" if place else "\n") + _track(track)
    yield f"\n];\n{_PROGRAM}"


def _track(track: Track) -> str:
    rows = list(seen(track))
    frames = [row[0] for row in rows]
    there = set(frames)
    begins = [frame for frame in frames if frame - 1 not in there]
    ends = [frame + 1 for frame in frames if frame + 1 not in there]
    places = ", ".join(["[%.6f, %.6f]" % (x, y) for _, x, y, _ in rows])  # noqa: UP031  twice as fast
    return (
        f'{{"name": {json.dumps(track.name)}, "begins": {begins}, "ends": {ends},\n'
        f' "frames": {frames},\n "places": [{places}]}}'
    )


AFTER_EFFECTS_NULLS = Format(
    name="after-effects-nulls",
    title="nulls in After Effects",
    suffixes=(".jsx",),
    recognises=lambda _: False,  # it is written alone
    write=written_as(write, "ascii"),
    counts_from=0,
    decimals=5,
)
