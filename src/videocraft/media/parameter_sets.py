"""Gives the parameter sets of several streams ids of their own, so that one track can hold all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from videocraft.media.decoder_config import write_config
from videocraft.media.nal import (
    MAX_SET_ID,
    Codec,
    MalformedBitstream,
    ParameterSet,
    SetKind,
    compatible_ids,
    is_slice,
    nal_type,
    renumber_set,
    renumber_slice,
)

# Supplemental messages that name a parameter set by its id would point to the wrong one afterwards:
# H.264 buffering_period (0), HEVC active_parameter_sets (129).
_SEI_NAMING_A_SET: Mapping[Codec, frozenset[int]] = {Codec.H264: frozenset({0}), Codec.HEVC: frozenset({129})}
_SEI_TYPES: Mapping[Codec, frozenset[int]] = {Codec.H264: frozenset({6}), Codec.HEVC: frozenset({39, 40})}


class TooManySets(ValueError):
    """The streams have more distinct parameter sets than one track can number."""


@dataclass(frozen=True)
class Renumbering:
    """How the slices of one stream change: PPS id -> PPS id; empty when nothing does."""

    codec: Codec
    pps_ids: Mapping[int, int]

    def apply(self, nals: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """The same access unit, naming the sets by their new ids."""
        if not self.pps_ids:
            return nals
        changed = []
        for nal in nals:
            kind = nal_type(self.codec, nal)
            if is_slice(self.codec, kind):
                changed.append(renumber_slice(self.codec, nal, self.pps_ids))
            elif not self._names_a_set(kind, nal):
                changed.append(nal)
        return tuple(changed)

    def _names_a_set(self, kind: int, nal: bytes) -> bool:
        if kind not in _SEI_TYPES[self.codec] or len(nal) <= self.codec.header_bytes:
            return False
        return nal[self.codec.header_bytes] in _SEI_NAMING_A_SET[self.codec]


class ParameterSetPool:
    """All parameter sets of an output track.

    Streams are added in the order of how much is copied of them: the first keeps its numbers, so most
    slices stay untouched. Streams with the same sets share them.
    """

    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self._sets: list[ParameterSet] = []
        self._known: dict[tuple[ParameterSet, ...], Renumbering] = {}

    def add(self, sets: tuple[ParameterSet, ...]) -> Renumbering:
        """Take a stream's sets in.

        Raises:
            TooManySets: no id is left that its slices could use.
        """
        if sets not in self._known:
            self._known[sets] = self._place(sets)
        return self._known[sets]

    def _place(self, sets: tuple[ParameterSet, ...]) -> Renumbering:
        vps = self._place_kind(SetKind.VPS, sets, {})
        sps = self._place_kind(SetKind.SPS, sets, vps)
        pps = self._place_kind(SetKind.PPS, sets, sps)
        return Renumbering(self.codec, pps if any(old != new for old, new in pps.items()) else {})

    def _place_kind(
        self, kind: SetKind, sets: tuple[ParameterSet, ...], parents: Mapping[int, int]
    ) -> dict[int, int]:
        placed: dict[int, int] = {}
        # A later set with the same id replaces the earlier one, as it does for a decoder.
        for item in {item.id: item for item in sets if item.kind is kind}.values():
            parent = None if item.parent is None else parents.get(item.parent, item.parent)
            placed[item.id] = self._place_one(item, parent)
        return placed

    def _place_one(self, item: ParameterSet, parent: int | None) -> int:
        candidates = [item.id]
        if item.kind is SetKind.PPS:
            candidates += compatible_ids(self.codec, item.id)
        else:
            candidates += range(MAX_SET_ID[self.codec][item.kind] + 1)
        used = {other.id: other.nal for other in self._sets if other.kind is item.kind}
        for candidate in candidates:
            if candidate == item.id and parent == item.parent:
                moved = item
            else:
                moved = renumber_set(self.codec, item, candidate, parent)
            if candidate not in used:
                self._sets.append(moved)
                return candidate
            if used[candidate] == moved.nal:
                return candidate
        raise TooManySets(f"no free id is left for a {item.kind.name}")

    def config(self) -> bytes:
        """``avcC``/``hvcC`` with everything taken in.

        Raises:
            MalformedBitstream: nothing was taken in.
        """
        if not self._sets:
            raise MalformedBitstream("a track without parameter sets")
        return write_config(self.codec, self._sets)
