# SPDX-License-Identifier: Apache-2.0
"""Which files are pictures, which are movies, and which we know but cannot read."""

from __future__ import annotations

from pathlib import Path

from cotrack.media.errors import MediaError


def _suffixes(text: str) -> frozenset[str]:
    return frozenset(f".{suffix}" for suffix in text.split())


STILLS = _suffixes(
    "bmp cin dds dpx exr hdr ico iff j2c j2k jp2 jpeg jpg jxl pbm pgm pic png pnm ppm psd rgb rgba sgi sxr targa tga"
    " tif tiff tx webp"
)
MOVIES = _suffixes(
    "264 265 3gp asf avi dv f4v flv gif h264 h265 hevc ivf m2ts m2v m4v mjpeg mjpg mkv mov mp4 mpeg mpg mts mxf nut ogv"
    " qt ts vob webm wmv y4m"
)

_HEIF = _suffixes("avif heic heif")
_RAW_PICTURES = _suffixes("3fr ari arw cr2 cr3 crw dng erf nef nrw orf pef raf raw rw2 srw")
_RAW_MOVIES = _suffixes("braw crm r3d")


def is_still(path: Path) -> bool:
    """Tell by its name whether a file is a picture."""
    return path.suffix.lower() in STILLS


def is_movie(path: Path) -> bool:
    """Tell by its name whether a file is a movie."""
    return path.suffix.lower() in MOVIES


def refuse_what_cannot_be_read(path: Path) -> None:
    """Raise MediaError for a kind of file that is neither a picture nor a movie here."""
    suffix = path.suffix.lower()
    if suffix in _HEIF:
        raise MediaError(f"{path} is a HEIF picture, which cannot be read here; convert it to PNG or EXR")
    if suffix in _RAW_PICTURES:
        raise MediaError(f"{path} is a camera raw picture, which cannot be read here; develop it to EXR, DPX or TIFF")
    if suffix in _RAW_MOVIES:
        raise MediaError(f"{path} is a camera raw movie, which cannot be read here; export it to ProRes or EXR")
    if not (is_still(path) or is_movie(path)):
        raise MediaError(
            f"{path} is not of a kind that can be read; use EXR, DPX, TIFF, PNG or JPEG, or a MOV, MP4 or MXF movie"
        )
