"""Another shape for a picture: a window that follows faces, or what moves, smoothly and never with a jump."""

from videocraft.media.reframe.crop import CropPath, follow
from videocraft.media.reframe.path import smooth_path

__all__ = ["CropPath", "follow", "smooth_path"]
