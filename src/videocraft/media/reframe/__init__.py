"""Another shape for a picture: a window that follows faces, or what moves, smoothly and never with a jump."""

from videocraft.media.reframe.crop import CropPath, follow
from videocraft.media.reframe.path import smooth_path
from videocraft.media.reframe.subjects import can_find_faces

__all__ = ["CropPath", "can_find_faces", "follow", "smooth_path"]
