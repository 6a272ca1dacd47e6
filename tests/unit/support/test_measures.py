"""The measures must see every fault that they are there for: a measure that can't fail proves nothing."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import codes, hearing, measure, sound
from tests.support.cameras import Camera, ffmpeg_binary, make_camera

RATE = Fraction(30)
FFMPEG = [ffmpeg_binary(), "-nostdin", "-loglevel", "error"]
SIZES = [(320, 180), (1920, 1080), (96, 54)]


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Camera:
    return make_camera(tmp_path_factory.mktemp("cameras") / "one.mp4", camera=1, seconds=4)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Camera:
    return make_camera(tmp_path_factory.mktemp("cameras") / "two.mp4", camera=2, seconds=4)


def filtered(camera: Camera, output: Path, *, video: str = "null", audio: str = "anull") -> Path:
    """The recording encoded again through filters: how faults are made."""
    command = [*FFMPEG, "-i", str(camera.path), "-vf", video, "-af", audio, "-fps_mode", "passthrough"]
    command += ["-enc_time_base:v", "1/90000", "-preset", "ultrafast", "-c:a", "pcm_s16le", str(output)]
    subprocess.run(command, check=True)
    return output


def whole(camera: Camera) -> list[measure.Piece]:
    """The recording itself as an edit of two pieces with a join in the middle."""
    return [
        measure.Piece(camera, 0, 61, camera, Fraction(0)),
        measure.Piece(camera, 61, camera.frames - 61, camera, camera.frame_time(61)),
    ]


class TestCode:
    @given(st.integers(0, 63), st.integers(0, 2**20 - 1), st.sampled_from(SIZES))
    def test_what_is_drawn_is_read(self, camera: int, frame: int, size: tuple[int, int]) -> None:
        luma = np.full((size[1], size[0]), 90, dtype=np.uint8)
        codes.draw(luma, camera, frame)
        assert codes.read(luma) == (camera, frame)

    @given(st.integers(0, 2**20 - 1), st.integers(2, codes.ROWS * codes.COLUMNS - 1))
    def test_a_flipped_block_is_no_code(self, frame: int, block: int) -> None:
        luma = np.full((180, 320), 90, dtype=np.uint8)
        codes.draw(luma, 1, frame)
        row, column = divmod(block, codes.COLUMNS)
        columns = np.arange(320) * codes.COLUMNS // 320 == column
        rows = slice(0, 22) if row == 0 else slice(22, 45)
        luma[rows, columns] = codes.BLACK + codes.WHITE - luma[rows, columns]
        assert codes.read(luma) is None

    def test_a_mix_of_two_frames_is_no_code(self) -> None:
        first, second = (np.full((180, 320), 90, dtype=np.uint8) for _ in range(2))
        codes.draw(first, 1, 10)
        codes.draw(second, 1, 11)
        assert codes.read(((first.astype(int) + second) // 2).astype(np.uint8)) is None

    def test_a_picture_without_a_code_reads_as_none(self) -> None:
        noise = np.random.default_rng(1).integers(0, 255, (180, 320), dtype=np.uint8)
        assert codes.read(noise) is None
        assert codes.read(np.zeros((180, 320), dtype=np.uint8)) is None


class TestSignal:
    @settings(deadline=None, max_examples=50)
    @given(
        st.integers(0, 7),
        st.floats(0, 7200),
        st.floats(-0.09, 0.09),
        st.sampled_from([44100, 48000, 16000]),
    )
    def test_its_place_is_found_between_samples(self, voice: int, at: float, shift: float, rate: int) -> None:
        expected = max(at - shift, 0.0)
        excerpt = sound.signal(voice, at + np.arange(rate // 50) / rate)
        error, score = sound.locate(excerpt, rate, voice, expected)
        assert error == pytest.approx(at - expected, abs=1e-6 + 0.01 / rate)
        assert score > 0.99

    @settings(deadline=None, max_examples=50)
    @given(st.integers(0, 20), st.floats(0, 7200))
    def test_another_voice_is_not_taken_for_it(self, voice: int, at: float) -> None:
        excerpt = sound.signal(voice + 1, at + np.arange(960) / 48000)
        assert sound.locate(excerpt, 48000, voice, at)[1] < hearing.FOUND

    def test_it_is_the_same_in_pieces(self) -> None:
        times = np.arange(48000 * 2) / 48000 + 59.5
        parts = [sound.signal(3, times[:48000]), sound.signal(3, times[48000:])]
        assert np.array_equal(np.concatenate(parts), sound.signal(3, times))


class TestPicture:
    def test_a_good_file_has_no_wrong_frames(self, one: Camera) -> None:
        assert measure.wrong_frames(measure.frame_codes(one.path), whole(one), RATE) == []
        assert measure.uneven_times(measure.frame_times(one.path), RATE) == []

    def test_an_edit_that_starts_one_frame_late_is_wrong_from_there(self, one: Camera) -> None:
        expected = [measure.Piece(one, 1, 119, one, Fraction(0))]
        assert measure.wrong_frames(measure.frame_codes(one.path)[:119], expected, RATE) == list(range(119))

    def test_a_dropped_frame_is_seen(self, one: Camera, tmp_path: Path) -> None:
        output = filtered(one, tmp_path / "out.mp4", video="select='not(eq(n,70))'")
        assert measure.wrong_frames(measure.frame_codes(output), whole(one), RATE) == list(range(70, 120))
        assert measure.uneven_times(measure.frame_times(output), RATE) == list(range(70, 119))

    def test_a_dropped_frame_is_seen_when_the_times_hide_it(self, one: Camera, tmp_path: Path) -> None:
        output = filtered(one, tmp_path / "out.mp4", video="select='not(eq(n,70))',setpts=N/30/TB")
        assert measure.wrong_frames(measure.frame_codes(output), whole(one), RATE) == list(range(70, 120))

    def test_a_repeated_frame_is_seen(self, one: Camera, tmp_path: Path) -> None:
        output = filtered(one, tmp_path / "out.mp4", video="loop=loop=1:size=1:start=71,setpts=N/30/TB")
        shown = measure.frame_codes(output)
        assert shown[70] == shown[71] == (1, 70)
        assert measure.wrong_frames(shown, whole(one), RATE) == list(range(71, 121))

    def test_another_camera_is_seen(self, two: Camera, one: Camera) -> None:
        assert measure.wrong_frames(measure.frame_codes(two.path), whole(one), RATE) == list(range(120))

    def test_a_frame_that_is_late_is_seen(self, one: Camera, tmp_path: Path) -> None:
        video = "settb=1/90000,setpts='PTS+if(eq(N,50),90,0)'"
        output = filtered(one, tmp_path / "out.mp4", video=video)
        assert measure.uneven_times(measure.frame_times(output), RATE) == [50]

    def test_psnr_falls_with_quality(self, one: Camera, tmp_path: Path) -> None:
        worse = filtered(one, tmp_path / "out.mp4", video="boxblur=4")
        numbers = [0, 30, 60]
        same = measure.psnr(one.path, numbers, one.path, numbers)
        blurred = measure.psnr(one.path, numbers, worse, numbers)
        shifted = measure.psnr(one.path, numbers, one.path, [1, 31, 61])
        assert min(same) == 99.0
        assert max(blurred) < 40
        assert max(shifted) < 40


class TestSound:
    def test_a_good_file_is_right_at_every_join(self, one: Camera) -> None:
        heard = measure.locate_sound(one.path, whole(one), RATE)
        assert len(heard) == 4
        assert measure.worst_sound_ms(heard) < 0.05

    @pytest.mark.parametrize("milliseconds", [2, -2, 0.5])
    def test_a_shift_is_measured(self, one: Camera, tmp_path: Path, milliseconds: float) -> None:
        delay = f"adelay={milliseconds}:all=1" if milliseconds > 0 else f"atrim=start={-milliseconds / 1000}"
        output = filtered(one, tmp_path / "out.mov", audio=f"{delay},asetpts=PTS-STARTPTS")
        heard = measure.locate_sound(output, whole(one), RATE)
        errors = [each.error_ms for each in heard[1:]]
        assert errors == pytest.approx([-milliseconds] * 3, abs=0.05)

    def test_a_shift_of_the_track_by_its_times_is_measured(self, one: Camera, tmp_path: Path) -> None:
        output = tmp_path / "out.mp4"
        command = [*FFMPEG, "-i", str(one.path), "-itsoffset", "0.002", "-i", str(one.path)]
        subprocess.run([*command, "-map", "0:v", "-map", "1:a", "-c", "copy", str(output)], check=True)
        heard = measure.locate_sound(output, whole(one), RATE)
        assert [each.error_ms for each in heard[1:]] == pytest.approx([-2] * 3, abs=0.05)

    def test_another_camera_s_sound_is_not_right(self, one: Camera, two: Camera) -> None:
        heard = measure.locate_sound(two.path, whole(one), RATE)
        assert not any(each.right for each in heard)
        assert measure.worst_sound_ms(heard) == math.inf

    def test_silence_is_told_from_sound(self, one: Camera, tmp_path: Path) -> None:
        silent = filtered(one, tmp_path / "out.mov", audio="volume=0")
        asked = [measure.Piece(one, 0, 120, None, Fraction(0))]
        assert measure.worst_sound_ms(measure.locate_sound(silent, asked, RATE)) == 0.0
        assert measure.worst_sound_ms(measure.locate_sound(one.path, asked, RATE)) == math.inf
        assert measure.worst_sound_ms(measure.locate_sound(silent, whole(one), RATE)) == math.inf

    def test_a_hole_in_the_sound_is_heard(self, one: Camera, tmp_path: Path) -> None:
        hole = filtered(one, tmp_path / "out.mov", audio="volume=0:enable='between(t,2,2.03)'")
        assert measure.worst_sound_ms(measure.locate_sound(hole, whole(one), RATE)) == math.inf

    def test_a_naive_cut_is_told_by_what_it_shows(self, one: Camera, two: Camera, tmp_path: Path) -> None:
        # The picture jumps from one recording to the other; the sound does so 50 ms later.
        graph = (
            "[0:v]trim=end_frame=60[v0];[1:v]trim=start_frame=60,setpts=PTS-STARTPTS[v1];[v0][v1]concat[v];"
        )
        graph += (
            "[0:a]atrim=end=2.05[a0];[1:a]atrim=start=2.05,asetpts=PTS-STARTPTS[a1];[a0][a1]concat=v=0:a=1[a]"
        )
        output = tmp_path / "out.mov"
        command = [*FFMPEG, "-i", str(one.path), "-i", str(two.path), "-filter_complex", graph]
        subprocess.run([*command, "-map", "[v]", "-map", "[a]", "-c:a", "pcm_s16le", str(output)], check=True)
        heard = measure.sound_against_picture(output, measure.frames(output), [one, two])
        assert [each.piece for each in heard] == [0, 0, 1, 1]
        assert [each.right for each in heard] == [True, True, False, True]

    def test_sound_is_compared_with_the_frames_shown(self, one: Camera, tmp_path: Path) -> None:
        output = filtered(one, tmp_path / "out.mov", video="select='not(eq(n,70))',setpts=N/30/TB")
        errors = [
            each.error_ms for each in measure.sound_against_picture(output, measure.frames(output), [one])
        ]
        # From the hole on the picture is a frame ahead of the sound.
        assert errors == pytest.approx([0, 0, -1000 / 30, -1000 / 30], abs=0.05)


class TestPieces:
    def test_the_grid_is_the_cumulated_edit_s(self, one: Camera) -> None:
        times = [(0, 0.35), (0.1, 0.45), (0.2, 0.55), (0.3, 0.65)]
        segments = [{"sourceIndex": 0, "startTime": start, "endTime": end} for start, end in times]
        found = measure.pieces([one], segments, RATE)
        # 10.5, 21, 31.5, 42 frames, rounded half up and taken apart again.
        assert [piece.count for piece in found] == [11, 10, 11, 10]
        assert [piece.first for piece in found] == [0, 3, 6, 9]

    def test_sound_of_another_camera_is_taken_at_the_same_moment(self, one: Camera, two: Camera) -> None:
        segments = [{"sourceIndex": 1, "startTime": 1, "endTime": 2, "audioSourceIndex": 0}]
        (piece,) = measure.pieces([one, two], segments, RATE, offsets=[Fraction(0), Fraction(3, 2)])
        assert piece.camera is two
        assert piece.sound is one
        assert piece.sound_at == Fraction(5, 2)


class TestFiles:
    def test_a_whole_file_has_nothing_said_of_it(self, one: Camera) -> None:
        assert measure.decode_messages(one.path) == ""

    def test_damage_is_told(self, one: Camera, tmp_path: Path) -> None:
        data = bytearray(one.path.read_bytes())
        middle = len(data) // 2
        data[middle : middle + 2000] = random.Random(1).randbytes(2000)
        damaged = tmp_path / "damaged.mp4"
        damaged.write_bytes(data)
        assert measure.decode_messages(damaged) != ""

    @pytest.mark.parametrize("seed", range(10))
    def test_no_damage_is_read_for_ever(self, one: Camera, tmp_path: Path, seed: int) -> None:
        damage = random.Random(seed)
        data = bytearray(one.path.read_bytes())
        for _ in range(50):
            data[damage.randrange(len(data))] = damage.randrange(256)
        damaged = tmp_path / "damaged.mp4"
        damaged.write_bytes(data)
        assert len(measure.decode_messages(damaged)) < 2**21

    def test_openh264_decodes_the_same_pictures(self, one: Camera) -> None:
        second = measure.openh264_decode(one.path)
        assert second.messages == ""
        assert second.codes == measure.frame_codes(one.path)

    def test_the_tags_are_the_file_s(self, one: Camera) -> None:
        tags = measure.stream_tags(one.path)
        assert (tags.codec, tags.tag, tags.size, tags.colours) == ("h264", "avc1", (320, 180), (1, 1, 1))
        assert measure.stream_types(one.path) == ["video", "audio"]

    def test_the_boxes_are_listed_in_their_order(self, one: Camera, tmp_path: Path) -> None:
        boxes = measure.top_boxes(one.path)
        assert boxes.index("mdat") < boxes.index("moov")
        fast = tmp_path / "fast.mp4"
        command = [*FFMPEG, "-i", str(one.path), "-c", "copy"]
        subprocess.run([*command, "-movflags", "+faststart", str(fast)], check=True)
        boxes = measure.top_boxes(fast)
        assert boxes.index("moov") < boxes.index("mdat")

    def test_packets_are_those_of_the_stream(self, one: Camera) -> None:
        listed = measure.packets(one.path)
        assert [packet.pts for packet in listed if packet.is_keyframe] == [0, 2]
        assert len(listed) == 120


@pytest.fixture
def holder() -> Iterator[Callable[[int], subprocess.Popen[bytes]]]:
    """Starts a process whose child holds so many bytes, told by a line when it does; ends both."""
    started: list[subprocess.Popen[bytes]] = []

    def start(size: int) -> subprocess.Popen[bytes]:
        child = f"import sys; b = b'x' * {size}; print('held', flush=True); sys.stdin.read()"
        parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
        process = subprocess.Popen(
            [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        return process

    yield start
    for process in started:
        process.communicate(timeout=30)


class TestMemory:
    def test_children_count(self, holder: Callable[[int], subprocess.Popen[bytes]]) -> None:
        small, large = holder(1), holder(200_000_000)
        assert measure.memory(small.pid).total < 100_000_000
        assert measure.memory(large.pid).anonymous > 200_000_000
        assert measure.memory(large.pid).processes == 2

    def test_the_sampler_keeps_the_peak(self, holder: Callable[[int], subprocess.Popen[bytes]]) -> None:
        process = holder(50_000_000)
        with measure.MemorySampler(process.pid, interval_seconds=0.01) as sampler:
            while sampler.peak.processes == 0:
                process.poll()
            process.communicate(timeout=30)
        assert sampler.peak.total > 50_000_000
