"""How pieces are encoded: H.264 that can be joined, with the work left out that a piece does not need."""

from __future__ import annotations

from videocraft.media.compose.film import CRF, Film
from videocraft.media.compose.graph import PieceGraph
from videocraft.media.compose.timeline import Piece, group_of
from videocraft.media.presets import SOFTWARE

# stitchable: headers that do not depend on the pictures, so that pieces encoded apart are one stream.
_JOINABLE = "stitchable=1:open-gop=0"
# An edge that creeps by fractions of a pixel changes a little in every frame; the encoder's look-ahead
# (mbtree) takes bits away just there, and the edge then moves in steps. Without it half of that is gone.
_STEADY = "mbtree=0"
# Where nothing but stills moves, all of a picture moves one way, steadily and without a cut. Looking for
# cuts, for the best places of B pictures and for blocks to split takes more than half of the encoder's time
# and finds next to nothing: the file has the same size and 0.03 to 0.08 dB less (decision 0007).
_FORESEEN = "scenecut=0:b-adapt=0:rc-lookahead=0:partitions=i8x8"


def arguments(film: Film, piece: Piece, graph: PieceGraph) -> list[str]:
    """Everything about the output but its threads and its name."""
    rate = film.rate
    settings = [_JOINABLE]
    if graph.moving:
        settings.append(_STEADY)
        if not graph.has_video:
            settings.append(_FORESEEN)
    return [
        *("-frames:v", str(piece.frames), "-fps_mode", "passthrough"),
        *("-enc_time_base", f"{rate.denominator}/{rate.numerator}"),
        *("-c:v", "libx264", *SOFTWARE["h264"].arguments, "-crf", str(CRF[film.quality])),
        *("-profile:v", "high", "-x264-params", ":".join(settings), "-g", str(group_of(film))),
    ]
