# SPDX-License-Identifier: Apache-2.0
"""Weathered surfaces of the example shot, made of procedural textures only."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
from bpy.types import Material, NodeSocket
from example_shot.geometry import GRAIN

Colour = tuple[float, float, float]
Value = NodeSocket | float


@dataclass(frozen=True)
class Palette:
    """The materials that many pieces share."""

    stone: Material
    iron: Material
    old_wood: Material
    grey_wood: Material
    green_paint: Material


def palette() -> Palette:
    """Make the shared materials."""
    return Palette(
        stone(),
        iron(),
        wood("old_wood", (0.075, 0.05, 0.03), (0.24, 0.17, 0.11)),
        wood("grey_wood", (0.10, 0.085, 0.07), (0.30, 0.265, 0.22)),
        wood("green_paint", (0.10, 0.08, 0.06), (0.30, 0.25, 0.19), (0.035, 0.115, 0.095)),
    )


class Shader:
    """One material under construction; each method adds a node and gives its output."""

    def __init__(self, name: str) -> None:
        self.material: Material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self._tree = self.material.node_tree
        self.surface = self._tree.nodes["Principled BSDF"]
        self.grain = self.node("ShaderNodeAttribute", {}, attribute_name=GRAIN).outputs["Vector"]
        self.place = self.node("ShaderNodeTexCoord", {}).outputs["Object"]
        self.piece = self.node("ShaderNodeNewGeometry", {}).outputs["Random Per Island"]

    def node(self, kind: str, inputs: dict[str | int, object], **settings: object) -> bpy.types.Node:
        """Add a node; an input is a socket to link or a value to set."""
        node = self._tree.nodes.new(kind)
        for name, value in settings.items():
            setattr(node, name, value)
        for key, value in inputs.items():
            self.connect(node.inputs[key], value)
        return node

    def connect(self, socket: NodeSocket, value: object) -> None:
        """Link a socket, or set its value."""
        if isinstance(value, NodeSocket):
            self._tree.links.new(value, socket)
        else:
            socket.default_value = (*value, 1.0) if socket.type == "RGBA" else value

    def noise(
        self,
        at: NodeSocket,
        per_metre: float,
        *,
        stretch: Colour = (1, 1, 1),
        detail: float = 4,
        roughness: float = 0.6,
    ) -> NodeSocket:
        """Fractal noise, 0..1; `stretch` multiplies the frequency along each axis."""
        scaled = self.node("ShaderNodeVectorMath", {0: at, 1: stretch}, operation="MULTIPLY").outputs[0]
        settings = {"Vector": scaled, "Scale": per_metre, "Detail": detail, "Roughness": roughness}
        return self.node("ShaderNodeTexNoise", settings).outputs[0]

    def between(self, value: Value, low: float, high: float) -> NodeSocket:
        """0 below `low`, 1 above `high`, smooth between; the other way round where low > high."""
        settings = {"Value": value, "From Min": low, "From Max": high}
        return self.node("ShaderNodeMapRange", settings, interpolation_type="SMOOTHSTEP").outputs[0]

    def ramp(self, value: Value, *stops: tuple[float, Colour]) -> NodeSocket:
        """A colour for each value, interpolated between stops."""
        node = self.node("ShaderNodeValToRGB", {"Fac": value})
        while len(node.color_ramp.elements) < len(stops):
            node.color_ramp.elements.new(0.5)
        for element, (position, colour) in zip(node.color_ramp.elements, stops, strict=True):
            element.position, element.color = position, (*colour, 1.0)
        return node.outputs[0]

    def mix(self, share: Value, first: object, second: object, blend: str = "MIX") -> NodeSocket:
        """`first` where share is 0, `second` where it is 1."""
        inputs = {0: share, 6: first, 7: second}
        return self.node("ShaderNodeMix", inputs, data_type="RGBA", blend_type=blend).outputs[2]

    def math(self, operation: str, first: Value, second: Value = 0.0) -> NodeSocket:
        """Arithmetic on two values."""
        return self.node("ShaderNodeMath", {0: first, 1: second}, operation=operation).outputs[0]

    def height(self) -> NodeSocket:
        """Metres above the ground, of the piece's own origin."""
        return self.node("ShaderNodeSeparateXYZ", {0: self.place}).outputs["Z"]

    def finished(self, colour: object, relief: NodeSocket, depth: float, roughness: Value = 0.85) -> Material:
        """Give the surface its colour, roughness and a bump of `depth` metres."""
        bump = self.node("ShaderNodeBump", {"Height": relief, "Distance": depth, "Strength": 1.0})
        for name, value in {
            "Base Color": colour,
            "Roughness": roughness,
            "Normal": bump.outputs[0],
            "Specular IOR Level": 0.3,
        }.items():
            self.connect(self.surface.inputs[name], value)
        return self.material


def brick() -> Material:
    """Fired clay: each brick its own tone, pitted, sooty in places, with lime blooming out."""
    s = Shader("brick")
    tone = s.ramp(
        s.piece,
        (0, (0.085, 0.036, 0.028)),
        (0.3, (0.185, 0.078, 0.052)),
        (0.65, (0.25, 0.115, 0.072)),
        (0.88, (0.31, 0.19, 0.125)),
        (0.93, (0.065, 0.048, 0.046)),
        (1, (0.05, 0.042, 0.042)),
    )
    blotch, fine = s.noise(s.grain, 14), s.noise(s.grain, 90, detail=4, roughness=0.75)
    colour = s.mix(s.between(blotch, 0.35, 0.7), tone, (0.24, 0.15, 0.105))
    colour = s.mix(s.math("MULTIPLY", s.between(fine, 0.5, 0.72), 0.55), colour, (0.045, 0.03, 0.028))
    lime = s.math("MULTIPLY", s.between(s.noise(s.place, 1.1), 0.52, 0.68), s.between(s.noise(s.grain, 40), 0.42, 0.6))
    colour = s.mix(s.math("MULTIPLY", lime, 0.7), colour, (0.55, 0.50, 0.43))
    colour = _stained(s, colour)
    return s.finished(colour, s.math("ADD", fine, s.math("MULTIPLY", blotch, 0.7)), 0.006, 0.92)


def mortar() -> Material:
    """Sandy lime mortar."""
    s = Shader("mortar")
    sand = s.noise(s.place, 160, detail=4, roughness=0.8)
    colour = s.ramp(sand, (0.3, (0.16, 0.14, 0.115)), (0.7, (0.40, 0.36, 0.30)))
    return s.finished(_stained(s, colour), s.math("ADD", sand, s.noise(s.place, 22)), 0.012, 0.95)


def plaster(name: str, light: Colour, dark: Colour) -> Material:
    """Old lime wash in two tones: cracked, streaked, darker at its foot."""
    s = Shader(name)
    patches, fine = s.noise(s.place, 1.6, detail=4), s.noise(s.place, 45, detail=4, roughness=0.7)
    colour = s.mix(s.between(patches, 0.38, 0.62), light, dark)
    ridge = s.math("ABSOLUTE", s.math("SUBTRACT", s.noise(s.place, 1.3, roughness=0.7), 0.5))
    crack = s.math("MULTIPLY", s.between(ridge, 0.008, 0.003), s.between(s.noise(s.place, 2.2), 0.46, 0.6))
    colour = s.mix(s.math("MULTIPLY", crack, 0.75), colour, (0.07, 0.055, 0.045))
    colour = s.mix(s.math("MULTIPLY", s.between(fine, 0.52, 0.75), 0.5), colour, (0.20, 0.15, 0.10))
    relief = s.math("SUBTRACT", s.math("ADD", fine, s.math("MULTIPLY", patches, 2.0)), crack)
    return s.finished(_stained(s, colour), relief, 0.010, 0.9)


def stone() -> Material:
    """Sawn or split stone: each block its own grey, speckled, with lichen."""
    s = Shader("stone")
    tone = s.ramp(
        s.piece,
        (0, (0.07, 0.064, 0.058)),
        (0.4, (0.15, 0.135, 0.115)),
        (0.8, (0.21, 0.185, 0.15)),
        (1, (0.27, 0.25, 0.225)),
    )
    fine, blotch = s.noise(s.grain, 110, detail=4, roughness=0.8), s.noise(s.grain, 12)
    colour = s.mix(s.between(blotch, 0.4, 0.7), tone, (0.12, 0.105, 0.085))
    colour = s.mix(s.math("MULTIPLY", s.between(fine, 0.5, 0.66), 0.55), colour, (0.33, 0.30, 0.25))
    colour = s.mix(s.math("MULTIPLY", s.between(fine, 0.46, 0.34), 0.7), colour, (0.035, 0.03, 0.028))
    lichen = s.math("MULTIPLY", s.between(s.noise(s.grain, 23), 0.58, 0.64), s.between(fine, 0.4, 0.55))
    colour = s.mix(s.math("MULTIPLY", lichen, 0.55), colour, (0.36, 0.33, 0.16))
    dirt = s.between(s.noise(s.place, 1.4, roughness=0.7), 0.46, 0.62)
    colour = s.mix(s.math("MULTIPLY", dirt, 0.7), colour, (0.075, 0.058, 0.04))
    return s.finished(colour, s.math("ADD", fine, s.math("MULTIPLY", blotch, 1.5)), 0.008, 0.8)


def wood(name: str, dark: Colour, light: Colour, paint: Colour | None = None) -> Material:
    """Boards with the grain along them; painted ones have lost paint along the grain."""
    s = Shader(name)
    fibre = s.noise(s.grain, 11, stretch=(0.35, 7, 7), detail=4, roughness=0.7)
    pores = s.noise(s.grain, 70, stretch=(0.06, 3, 3), detail=4, roughness=0.75)
    colour = s.mix(s.between(fibre, 0.3, 0.7), dark, light)
    colour = s.mix(s.math("MULTIPLY", s.piece, 0.35), colour, (0.09, 0.07, 0.055))
    split = s.between(s.noise(s.grain, 6, stretch=(0.25, 9, 9), detail=4), 0.60, 0.645)
    colour = s.mix(s.math("MULTIPLY", s.between(pores, 0.5, 0.68), 0.65), colour, (0.03, 0.022, 0.016))
    relief = s.math("ADD", fibre, pores)
    if paint is not None:
        worn = s.math("ADD", s.math("MULTIPLY", fibre, 0.75), s.math("MULTIPLY", s.noise(s.grain, 16), 0.6))
        coat = s.between(worn, 0.78, 0.735)
        tired = s.mix(s.noise(s.grain, 5), paint, tuple(0.55 * c + 0.10 for c in paint))
        colour = s.mix(coat, colour, tired)
        relief = s.math("ADD", s.math("MULTIPLY", relief, 0.5), s.math("MULTIPLY", coat, 0.35))
    colour = s.mix(split, colour, (0.012, 0.009, 0.007))
    colour = s.mix(s.math("MULTIPLY", s.between(s.noise(s.place, 3), 0.45, 0.7), 0.65), colour, (0.045, 0.036, 0.028))
    return s.finished(colour, s.math("SUBTRACT", relief, split), 0.006, 0.75)


def iron() -> Material:
    """Wrought iron, rusting."""
    s = Shader("iron")
    rust, fine = s.noise(s.grain, 9, detail=4), s.noise(s.grain, 120, detail=4, roughness=0.75)
    colour = s.ramp(
        s.math("ADD", s.math("MULTIPLY", rust, 0.7), s.math("MULTIPLY", fine, 0.3)),
        (0.38, (0.018, 0.017, 0.018)),
        (0.5, (0.10, 0.042, 0.02)),
        (0.66, (0.27, 0.11, 0.045)),
    )
    return s.finished(colour, fine, 0.004, 0.6)


def leaf(name: str, young: Colour, old: Colour) -> Material:
    """Leaves that let some light through."""
    s = Shader(name)
    spots = s.noise(s.grain, 60)
    colour = s.mix(s.piece, young, old)
    colour = s.mix(s.math("MULTIPLY", s.between(spots, 0.5, 0.7), 0.5), colour, tuple(c * 0.4 for c in old))
    return s.finished(colour, spots, 0.002, 0.5)


def glass(name: str) -> Material:
    """An old window pane: dark, wavy, dusty."""
    s = Shader(name)
    dust = s.noise(s.place, 9, detail=4, roughness=0.7)
    colour = s.mix(s.between(dust, 0.45, 0.9), (0.012, 0.014, 0.015), (0.11, 0.105, 0.095))
    return s.finished(colour, s.noise(s.place, 3, detail=2), 0.012, s.between(dust, 0.15, 0.9))


def lettering(name: str, colour: Colour) -> Material:
    """Sign painter's letters, flaking off."""
    s = Shader(name)
    wear = s.noise(s.place, 34, stretch=(0.4, 1.6, 1), detail=4, roughness=0.7)
    material = s.finished(s.mix(s.noise(s.place, 7), colour, tuple(0.6 * c for c in colour)), wear, 0.001, 0.7)
    s.connect(s.surface.inputs["Alpha"], s.between(wear, 0.68, 0.62))
    return material


def paper() -> Material:
    """A bill pasted up long ago."""
    s = Shader("paper")
    blotch = s.noise(s.place, 18, detail=4, roughness=0.7)
    colour = s.ramp(blotch, (0.35, (0.22, 0.16, 0.09)), (0.5, (0.38, 0.32, 0.22)), (0.7, (0.48, 0.43, 0.33)))
    return s.finished(colour, s.noise(s.place, 30), 0.004, 0.85)


def _stained(s: Shader, colour: NodeSocket) -> NodeSocket:
    """Rain streaks from above, soot in patches, damp and moss near the ground."""
    streaks = s.between(s.noise(s.place, 5, stretch=(1, 1, 0.07), detail=4, roughness=0.65), 0.52, 0.70)
    colour = s.mix(s.math("MULTIPLY", streaks, 0.6), colour, (0.07, 0.06, 0.048))
    soot = s.between(s.noise(s.place, 0.8, detail=4), 0.5, 0.72)
    colour = s.mix(s.math("MULTIPLY", soot, 0.55), colour, (0.06, 0.052, 0.046))
    foot = s.math("ADD", s.height(), s.math("MULTIPLY", s.noise(s.place, 2.5, detail=4), -0.9))
    return s.mix(s.math("MULTIPLY", s.between(foot, 0.15, -0.45), 0.75), colour, (0.05, 0.052, 0.03))
