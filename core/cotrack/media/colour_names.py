# SPDX-License-Identifier: Apache-2.0
"""What one colour space is called in different configs.

Blender has names of its own. Those of its versions 4.2 to 5.0 were compared with the built-in config, colour by colour:
they are the same spaces, within 0.0002 of what is shown, but for HDR, of which Blender shows white brighter. Linear,
Linear ACES, Linear ACEScg and XYZ are what older versions called some of them. Its picture formations (Filmic, AgX, …),
its E-Gamut and its Rec.2020 display have no equal there.
"""

from __future__ import annotations

SRGB_TEXTURE = ("srgb_rec709_scene", "srgb_tx", "sRGB - Texture", "Utility - sRGB - Texture", "sRGB")
LINEAR_REC709 = ("lin_rec709_scene", "lin_rec709", "Utility - Linear - sRGB", "Linear Rec.709", "Linear")

_LINEAR_AP0 = ("lin_ap0_scene", "lin_ap0", "ACES - ACES2065-1", "ACES2065-1")
_LINEAR_AP1 = ("lin_ap1_scene", "lin_ap1", "ACES - ACEScg", "ACEScg")
_XYZ_D65 = ("cie_xyz_d65_interchange", "cie_xyz_d65")
_DATA = ("Raw", "Utility - Raw", "data")

_SAME_AS_BLENDERS = {
    "sRGB": SRGB_TEXTURE,
    "Linear Rec.709": LINEAR_REC709,
    "Linear": LINEAR_REC709,
    "Linear Rec.2020": ("lin_rec2020_scene", "lin_rec2020", "Utility - Linear - Rec.2020"),
    "Linear DCI-P3 D65": ("lin_p3d65_scene", "lin_p3d65", "Utility - Linear - P3-D65"),
    "ACES2065-1": _LINEAR_AP0,
    "Linear ACES": _LINEAR_AP0,
    "ACEScg": _LINEAR_AP1,
    "Linear ACEScg": _LINEAR_AP1,
    "Linear CIE-XYZ D65": _XYZ_D65,
    "XYZ": _XYZ_D65,
    "Linear Adobe RGB": ("lin_adobergb_scene", "lin_adobergb", "Linear AdobeRGB"),
    "Display P3": ("displayp3_display", "srgb_p3d65_display", "srgb_p3d65_scene"),
    "Rec.1886": ("rec1886_rec709_display", "g24_rec709_display", "g24_rec709_scene"),
    "Rec.2100-PQ": ("rec2100_pq_display", "pq_rec2020_display"),
    "Rec.2100-HLG": ("rec2100_hlg_display", "hlg_rec2020_display"),
    "Non-Color": _DATA,
    "Raw": _DATA,
}
_ONLY_BLENDERS = (
    "ACES 1.3 ",
    "ACES 2.0 ",
    "AgX ",
    "False Color",
    "Filmic ",
    "Khronos PBR Neutral",
    "Linear CIE-XYZ E",
    "Linear FilmLight ",
    "Luminance Compensation ",
    "Rec.2020",
)


def also_known_as(name: str) -> tuple[str, ...]:
    """A colour space's own name, then what other configs call the same space."""
    return (name, *_SAME_AS_BLENDERS.get(name, ()))


def is_only_blenders(name: str) -> bool:
    """Tell whether a colour space is one that only Blender's config has."""
    return name.startswith(_ONLY_BLENDERS)
