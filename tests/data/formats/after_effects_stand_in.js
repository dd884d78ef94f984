// SPDX-License-Identifier: Apache-2.0
// As much of After Effects' objects as our script asks for: node after_effects_stand_in.js SCRIPT WIDTH HEIGHT RATE
// prints, as JSON, the layers that it made, or what it said.
var fs = require("fs"), vm = require("vm");
var said = null, layers = [], undo = 0;

function Property() { this.keys = []; }
Property.prototype = {
    setValuesAtTimes: function (times, values) {
        if (times.length !== values.length) { throw new Error("as many times as values"); }
        for (var i = 0; i < times.length; i++) { this.setValueAtTime(times[i], values[i]); }
    },
    setValueAtTime: function (time, value) {
        this.keys.push({time: time, value: value, hold: false});
        this.keys.sort(function (a, b) { return a.time - b.time; });
        this.numKeys = this.keys.length;
    },
    nearestKeyIndex: function (time) {
        var best = 0;
        for (var i = 0; i < this.keys.length; i++) {
            if (Math.abs(this.keys[i].time - time) < Math.abs(this.keys[best].time - time)) { best = i; }
        }
        return best + 1;
    },
    setInterpolationTypeAtKey: function (index, type) { this.keys[index - 1].hold = type === "HOLD"; }
};

function CompItem(width, height, rate) {
    this.width = width; this.height = height; this.frameDuration = 1 / rate; this.duration = 100;
    this.layers = {addNull: function () {
        var properties = {"ADBE Position": new Property(), "ADBE Opacity": new Property()};
        var layer = {name: "Null 1", property: function () {
            return {property: function (name) { return properties[name]; }};
        }, properties: properties};
        layers.push(layer);
        return layer;
    }};
}

var comp = new CompItem(Number(process.argv[3]), Number(process.argv[4]), Number(process.argv[5]));
vm.runInNewContext(fs.readFileSync(process.argv[2], "ascii"), {
    app: {project: {activeItem: comp}, beginUndoGroup: function () { undo++; }, endUndoGroup: function () { undo--; }},
    CompItem: CompItem, KeyframeInterpolationType: {HOLD: "HOLD"}, alert: function (text) { said = text; }
});
console.log(JSON.stringify({said: said, undo: undo, layers: layers.map(function (layer) {
    return {name: layer.name, position: layer.properties["ADBE Position"].keys, opacity: layer.properties["ADBE Opacity"].keys};
})}));
