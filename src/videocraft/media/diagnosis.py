"""What FFmpeg's own words mean for a user: one table for the program's stderr and the libraries' log."""

from __future__ import annotations

# In order of weight: the first that occurs anywhere in the text is the sentence.
_SENTENCES: tuple[tuple[str, str], ...] = (
    ("moov atom not found", "The file has no index (moov): it was not finished or is truncated."),
    ("Number of streams exceeds", "The file has too many streams."),
    ("Number of tracks exceeds", "The file has too many streams."),
    ("not on whitelist", "The file uses a codec or protocol that is not supported."),
    ("Picture size", "The picture is larger than what can be processed."),
    ("File too large", "The output grew beyond the size that one file may have."),
    ("Cannot allocate memory", "The work needs more memory than it may use."),
    # A thread whose stack finds no room.
    ("Resource temporarily unavailable", "The work needs more memory than it may use."),
    ("std::bad_alloc", "The work needs more memory than it may use."),
    ("malloc of size", "The work needs more memory than it may use."),
    ("Not yet implemented", "The file uses a feature that is not supported."),
    ("Unknown encoder", "This FFmpeg has no encoder for the format asked for."),
    ("Error while opening encoder", "The encoder refused the settings."),
    ("Error initializing output stream", "The encoder refused the settings."),
    ("Decoder not found", "The file uses a codec that can't be decoded here."),
    ("matches no streams", "The file has no such picture or sound track."),
    ("does not contain any stream", "The file has no such picture or sound track."),
    ("No such file or directory", "A source file is gone."),
    ("Permission denied", "A file can't be read or written: permission denied."),
    ("Input/output error", "The storage reported an error while reading or writing."),
    ("Invalid data found when processing input", "The file is damaged or not a media file."),
    ("End of file", "The file ends too early: it is truncated."),
    ("Error while decoding", "The file is damaged: it can't be decoded."),
)
_DISK_FULL = ("No space left on device", "Disk quota exceeded")


def sentence_of(text: str) -> str | None:
    """The sentence for what ``text`` (log or stderr) complains about; ``None`` when it says nothing known."""
    return next((sentence for pattern, sentence in _SENTENCES if pattern in text), None)


def is_disk_full(text: str) -> bool:
    """Whether ``text`` says that there is no room left."""
    return any(pattern in text for pattern in _DISK_FULL)
