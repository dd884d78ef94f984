// Tracks of cotrack for After Effects: open a composition of the plate, then File > Scripts > Run Script File.
var size = [1920, 1080];
var tracks = [
{"name": "trackA", "begins": [0, 5], "ends": [2, 7],
 "frames": [0, 1, 5, 6],
 "places": [[0.500000, 0.500000], [10.250000, 1059.250000], [1919.500000, 0.500000], [960.000000, 540.000000]]},
{"name": "trackB", "begins": [3], "ends": [4],
 "frames": [3],
 "places": [[500.500000, 779.750000]]}
];

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
