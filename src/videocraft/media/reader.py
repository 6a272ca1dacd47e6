"""Opening a media file with PyAV, under the same allow-lists as FFmpeg gets, and what its errors mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import av
from av.container import InputContainer

from videocraft.errors import MediaError, StorageFull
from videocraft.media.diagnosis import is_disk_full, sentence_of
from videocraft.media.filling import Fill, FilledFile
from videocraft.media.limits import DECODER_LIST, MAX_PIXELS, MAX_STREAMS, file_url, format_options
from videocraft.media.probe import MediaInfo


@contextmanager
def open_media(path: Path, info: MediaInfo, fill: Fill | None = None) -> Iterator[InputContainer]:
    """Open the file that ``info`` is about; errors of FFmpeg's libraries inside the block become ours.

    Decoders that are not allow-listed refuse to open: streams that ``info`` leaves out have packets but no
    frames.

    Args:
        fill: of a file that is fetched as it is read; its errors come out of the block as they are.

    Raises:
        MediaError: the file can't be opened, or reading it failed inside the block.
        StorageFull: writing inside the block met a full disk.
    """
    with open_as(path, info.format, fill) as container:
        yield container


@contextmanager
def open_as(path: Path, demuxer: str, fill: Fill | None = None) -> Iterator[InputContainer]:
    """Like :func:`open_media`, with the demuxer named."""
    try:
        with (
            nullcontext(file_url(path)) if fill is None else FilledFile(path, fill) as file,
            av.open(
                file,
                mode="r",
                format=demuxer,
                options=format_options(demuxer),
                metadata_errors="ignore",
            ) as container,
        ):
            if len(container.streams) > MAX_STREAMS:
                raise MediaError(f"The file has more than {MAX_STREAMS} streams.")
            for stream in container.streams:
                if stream.codec_context is not None:
                    stream.codec_context.options = {
                        "max_pixels": str(MAX_PIXELS),
                        "codec_whitelist": DECODER_LIST,
                    }
            yield container
    except av.FFmpegError as error:
        raise media_error(error) from error


def media_error(error: av.FFmpegError) -> MediaError | StorageFull:
    """The error that says for a user what FFmpeg's libraries complained about."""
    reason = error.strerror or type(error).__name__
    details = {"library_error": reason}
    if is_disk_full(reason):
        return StorageFull("There is no room left on the disk for the output.", details=details)
    return MediaError(sentence_of(reason) or f"The file could not be read: {reason}.", details=details)
