"""The best parts of a long recording: candidates, how good each is, and which are taken."""

from videocraft.media.highlights.choose import Choice, Highlight, Judge, Judged, choose, onto_cuts
from videocraft.media.highlights.material import Material

__all__ = ["Choice", "Highlight", "Judge", "Judged", "Material", "choose", "onto_cuts"]
