"""What the parts of a multipart upload must be, wherever they are kept."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from videocraft.core.storage.base import PartInfo
from videocraft.errors import InvalidInput

MAX_LISTED = 100
"""Most part numbers that an error names."""
UPLOAD_ID = re.compile(r"[0-9a-f]{32}")


class UploadFailed(InvalidInput):
    """A part, or the list of parts, is not what the upload needs."""

    default_code = "UPLOAD_FAILED"


@dataclass(frozen=True)
class UploadFacts:
    """What is uploaded where; ``created`` is seconds since 1970-01-01 UTC."""

    key: str
    size: int
    part_size: int
    created: float

    @classmethod
    def new(cls, key: str, size: int, part_size: int) -> UploadFacts:
        """Of an upload that begins now.

        Raises:
            ValueError: it, or its parts, would have no bytes.
        """
        if size < 1 or part_size < 1:
            raise ValueError("an upload and its parts have at least one byte")
        return cls(key, size, part_size, time.time())

    @property
    def parts_count(self) -> int:
        """How many parts there are."""
        return -(-self.size // self.part_size)

    def length_of(self, number: int) -> int:
        """Bytes of a part.

        Raises:
            UploadFailed: the upload has no such part.
        """
        if not 1 <= number <= self.parts_count:
            raise UploadFailed(
                f"This upload has parts 1 to {self.parts_count}", details={"partNumber": number}
            )
        return min(self.part_size, self.size - (number - 1) * self.part_size)

    def check_length(self, number: int, length: int | None) -> int:
        """Bytes of a part whose sender announces ``length``, if anything.

        Raises:
            UploadFailed: the upload has no such part, or one of another length.
        """
        expected = self.length_of(number)
        if length is not None and length != expected:
            raise UploadFailed(
                f"Part {number} must have {expected} bytes, not {length}",
                details={"partNumber": number, "expectedBytes": expected},
            )
        return expected


def check_room(number: int, expected: int, received: int) -> None:
    """Raise ``UploadFailed`` when a part grows longer than it may be."""
    if received > expected:
        raise UploadFailed(
            f"Part {number} must have {expected} bytes; more were sent",
            details={"partNumber": number, "expectedBytes": expected},
        )


def check_whole(number: int, expected: int, received: int) -> None:
    """Raise ``UploadFailed`` when bytes of a part are missing."""
    if received < expected:
        raise UploadFailed(
            f"Part {number} must have {expected} bytes; {received} were sent",
            details={"partNumber": number, "expectedBytes": expected, "receivedBytes": received},
        )


def check_md5(number: int, expected: str | None, digest: str) -> None:
    """Raise ``UploadFailed`` when the sender of a part says that its MD5 is another."""
    if expected is not None and digest != expected:
        raise UploadFailed(
            f"The bytes of part {number} do not match their Content-MD5",
            details={"partNumber": number, "md5": digest},
        )


def check_list(
    facts: UploadFacts, received: Mapping[int, PartInfo], listed: Sequence[tuple[int, str]]
) -> None:
    """See that a list names every part with the ETag that it was received with.

    Raises:
        UploadFailed: it does not; ``details`` say why.
    """
    numbers = [number for number, _ in listed]
    if any(later <= earlier for earlier, later in itertools.pairwise(numbers)):
        raise UploadFailed("The parts must be listed once each, in ascending order of partNumber")
    unknown = [number for number in numbers if not 1 <= number <= facts.parts_count]
    if unknown:
        raise UploadFailed(
            f"This upload has parts 1 to {facts.parts_count}",
            details={"unknownParts": unknown[:MAX_LISTED]},
        )
    given = dict(listed)
    every = range(1, facts.parts_count + 1)
    missing = [number for number in every if number not in received or number not in given]
    if missing:
        raise UploadFailed(
            f"{len(missing)} of {facts.parts_count} parts are missing",
            details={"missingParts": missing[:MAX_LISTED], "missingCount": len(missing)},
        )
    wrong = [number for number in every if given[number] != received[number].etag]
    if wrong:
        raise UploadFailed(
            "The ETag of a part is not the one that its upload was answered with",
            details={"wrongEtags": wrong[:MAX_LISTED]},
        )


def taken_over(number: int) -> UploadFailed:
    """The error of a writer that may write no more."""
    return UploadFailed(
        f"Part {number} was sent again, or the upload has ended", details={"partNumber": number}
    )
