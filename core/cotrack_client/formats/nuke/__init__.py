# SPDX-License-Identifier: Apache-2.0
"""Nuke's scripts as text, so that markers and tracks pass without Nuke: .nk files and what its knobs hold.

Origin: outer bottom-left corner of the format, x right, y up; the centre of the first pixel is (0.5, 0.5); a raster
position is (x, height - y) by `cotrack_client.raster`. Unit: pixels of the full-resolution format, also in proxy mode,
whatever the pixel aspect. Frame base: the frames of the script. Encoding: UTF-8; other bytes pass as they are.

A script is Tcl: commands of words. From the ground up, each module in the words of the one before:

    words       the words of a command or a list: bare, {braced}, "quoted"
    pieces      nodes and their knobs, commands, and what lies between them; each is its own text to the byte
    grammar     a text as pieces; what is not understood is kept as text
    script      the whole: nodes by name, groups, the file
    wiring      which node feeds which, by the stack that the commands work on
    curves      {curve x1001 5 6 7}: the keys of an animated number; curve_values what lies between them
    table       the `tracks` knob of a Tracker4: a row per track, a cell per column
    tracker     rows and tracks: reading markers, writing new rows, merging into rows with their keys kept
    nodes       CornerPin2D, Transform and Read as values
    plate       which file a node looks at, and which of its frames
    linking     knobs that follow a Tracker4 by expressions
    placing     a new node beside an old one, and everything else as it was
"""
