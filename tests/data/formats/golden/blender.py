# Tracks of cotrack for Blender, version 1.
# SPDX-License-Identifier: Apache-2.0 (the program; the tracks are yours)
# Open the plate in a Movie Clip Editor, then run this in a Text Editor (Alt P), or: blender shot.blend --python FILE
import json

import bpy

TRACKS = json.loads(r'''{"size": [1920, 1080], "tracks": [
{"name": "trackA", "keyed": [],
 "frames": [1, 2, 6, 7],
 "u": [0.000260416667, 0.005338541667, 0.999739583333, 0.500000000000],
 "v": [0.999537037037, 0.019212962963, 0.999537037037, 0.500000000000],
 "muted": [0, 0, 0, 0]},
{"name": "trackB", "keyed": [],
 "frames": [4],
 "u": [0.260677083333],
 "v": [0.278009259259],
 "muted": [0]}
]}''')


def open_clip():
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "CLIP_EDITOR" and area.spaces.active.clip:
                return area.spaces.active.clip
    clips = list(bpy.data.movieclips)
    if len(clips) != 1:
        raise RuntimeError("open the plate in a Movie Clip Editor first")
    return clips[0]


def write(track, tracks, offset):
    frames = [frame - offset for frame in track["frames"]]
    rows = [row for row in zip(frames, track["u"], track["v"], track["muted"]) if row[0] > 0]
    if not rows:
        return
    made = tracks.new(name=track["name"], frame=rows[0][0])
    pattern = [tuple(corner) for corner in made.markers[0].pattern_corners]
    search = made.markers[0].search_min[:], made.markers[0].search_max[:]
    keyed = {frame - offset for frame in track["keyed"]}
    there = set(frames)
    ends = [(f + 1, u, v, 1) for f, u, v, muted in rows if not muted and f + 1 not in there]
    for frame, u, v, muted in rows + ends:
        marker = made.markers.insert_frame(frame, co=(u, v))
        marker.pattern_corners = pattern
        marker.search_min, marker.search_max = search
        marker.is_keyed = frame in keyed
        marker.mute = bool(muted)


def main():
    clip = open_clip()
    if tuple(clip.size) != tuple(TRACKS["size"]):
        sizes = "%d x %d, not %d x %d" % (*clip.size, *TRACKS["size"])
        raise RuntimeError("the clip %s is %s; open the plate that was tracked" % (clip.name, sizes))
    for track in TRACKS["tracks"]:
        write(track, clip.tracking.objects.active.tracks, clip.frame_offset)
    print("cotrack: %d tracks in the clip %s" % (len(TRACKS["tracks"]), clip.name))


main()
