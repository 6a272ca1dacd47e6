"""Files made to do harm: each ends with a sentence or a plain answer, and nothing else is touched."""

from __future__ import annotations

import contextlib
import os
import random
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.boxes import alias, box, matroska_of_tracks, rewrite
from tests.support.media import AAC, H264, LIMITS, make_av, picture, remux, run_ffmpeg
from tests.support.watch import Listener, OpenWatch, listen, watch_opens
from videocraft.errors import MediaError
from videocraft.media import ffmpeg, probe
from videocraft.media.limits import VIDEO_CONTAINERS
from videocraft.media.probe import MediaInfo
from videocraft.media.process import Limits
from videocraft.media.reader import open_as

NETWORKED = Limits(wall_seconds=20, cpu_seconds=20, network=True)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An honest MP4, its index behind the media."""
    return make_av(tmp_path_factory.mktemp("good") / "good.mp4", seconds=1)


def inspect(path: Path, *, images: bool = False) -> MediaInfo | MediaError:
    (result,) = probe.probe([path], images=images)
    return result


def refused(path: Path, *, images: bool = False) -> str:
    result = inspect(path, images=images)
    assert isinstance(result, MediaError)
    assert result.message.endswith(".")
    assert str(path.parent) not in result.message
    return result.message


# --- playlists ------------------------------------------------------------------------------------------

PLAYLISTS = {
    "m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{url}\n#EXTINF:9,\n{file}\n#EXT-X-ENDLIST\n",
    "m3u8 with a key": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{url}"\n#EXTINF:9,\n{file}\n#EXT-X-ENDLIST\n',
    "ffconcat": "ffconcat version 1.0\nfile '{file}'\nfile '{url}'\n",
    "concat": "file '{file}'\n",
    "xspf": "<?xml version='1.0'?><playlist><trackList><track><location>{url}</location></track></trackList>",
    "sdp": (
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
    ),
    "pls": "[playlist]\nFile1={url}\nNumberOfEntries=1\nVersion=2\n",
    "dash": "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'><BaseURL>{url}</BaseURL></MPD>",
    "asx": "<asx version='3.0'><entry><ref href='{url}'/></entry></asx>",
    "imf": "<?xml version='1.0'?><AssetMap><Path>{file}</Path></AssetMap>",
    "subtitle": "1\n00:00:00,000 --> 00:00:01,000\n{url}\n",
    "svg": "<svg xmlns:xlink='http://www.w3.org/1999/xlink'><image xlink:href='file://{file}'/></svg>",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_under_a_media_name_is_never_followed(kind: str, good: Path, tmp_path: Path) -> None:
    evil = tmp_path / "holiday.mp4"
    with listen() as server, watch_opens(good) as watch:
        url = f"http://127.0.0.1:{server.port}/x.ts"
        evil.write_text(PLAYLISTS[kind].format(url=url, file=good))
        assert refused(evil) in {
            "The file is a playlist: it only names other files.",
            "The file is not a media file that can be read here.",
        }
        for demuxer in VIDEO_CONTAINERS:
            _try_to_read(evil, demuxer)
        assert not server.was_visited()
        assert not watch.was_opened()


def _try_to_read(path: Path, demuxer: str) -> None:
    """Past the sniffing, with the network there: the reader itself must not follow."""
    with contextlib.suppress(MediaError), open_as(path, demuxer) as container:
        for packet in container.demux():
            packet.decode()


def test_ffmpeg_does_not_follow_either(good: Path, tmp_path: Path) -> None:
    info = inspect(good)
    assert isinstance(info, MediaInfo)
    evil = tmp_path / "holiday.mp4"
    with listen() as server, watch_opens(good) as watch:
        for text in PLAYLISTS.values():
            evil.write_text(text.format(url=f"http://127.0.0.1:{server.port}/x.ts", file=good))
            _expect_failure([*ffmpeg.input_arguments(evil, info), "-f", "null", "-"])
        assert not server.was_visited()
        assert not watch.was_opened()
        # The bait works: without our arguments FFmpeg goes there.
        evil.write_text(PLAYLISTS["ffconcat"].format(url="x", file=good))
        _expect_failure(["-safe", "0", "-i", str(evil), "-t", "0.1", "-f", "null", "-"], may_work=True)
        assert watch.was_opened()


def _expect_failure(arguments: list[str], *, may_work: bool = False) -> None:
    try:
        ffmpeg.ffmpeg(arguments, binary=ffmpeg.binary(), limits=NETWORKED)
    except MediaError:
        return
    assert may_work


def test_media_in_another_file_stays_there(good: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.mov"
    other.write_bytes(good.read_bytes())
    evil = tmp_path / "evil.mov"
    evil.write_bytes(
        rewrite(good.read_bytes(), lambda kind, _: alias(str(other)) if kind == b"dref" else None)
    )
    with watch_opens(other) as watch:
        result = inspect(evil)
        assert not watch.was_opened()
        plain = ["-enable_drefs", "1", "-use_absolute_path", "1", "-i", str(evil), "-f", "null", "-"]
        _expect_failure(plain, may_work=True)
        assert watch.was_opened(), "the bait does not work, so the test above proves nothing"
        if isinstance(result, MediaInfo):
            _expect_failure([*ffmpeg.input_arguments(evil, result), "-f", "null", "-"], may_work=True)
            assert not watch.was_opened()


# --- names ----------------------------------------------------------------------------------------------

NAMES = [
    "img%03d.mp4",
    "img%d*.mp4",
    "-i.mp4",
    "-f",
    "file:a.mp4",
    "concat:a.mp4|b.mp4",
    "subfile,,start,0,end,9,,:a.mp4",
    "pipe:0",
    "http:a.mp4",
    "a\nb.mp4",
    "a'b\"c\\d;e.mp4",
    "$(touch pwned).mp4",
    " .mp4 ",
    "\udcff\udcfe.mp4",
    "🎬.mp4",
]


def test_names_are_only_names(good: Path, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in NAMES]
    for path in paths:
        path.write_bytes(good.read_bytes())
    for path, result in zip(paths, probe.probe(paths), strict=True):
        assert isinstance(result, MediaInfo), (path.name, result)
        assert result.path == str(path)
        arguments = [*ffmpeg.input_arguments(path, result), "-t", "0.1", "-f", "null", "-"]
        ffmpeg.ffmpeg(arguments, binary=ffmpeg.binary(), limits=LIMITS, cwd=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(NAMES)


def test_a_pattern_reads_one_file(tmp_path: Path) -> None:
    run_ffmpeg(*picture(0.2, "10"), "-update", "1", "-frames:v", "1", f"{tmp_path}/img001.png")
    (tmp_path / "img%03d.png").write_bytes((tmp_path / "img001.png").read_bytes())
    with watch_opens(tmp_path / "img001.png") as watch:
        result = inspect(tmp_path / "img%03d.png", images=True)
        assert isinstance(result, MediaInfo)
        assert (result.format, result.video.frames if result.video else 0) == ("png_pipe", 1)
        assert not watch.was_opened()
    assert refused(tmp_path / "img%03d.png") == "The file is a still picture, not video or sound."


# --- sizes ----------------------------------------------------------------------------------------------


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = bytes((1 + (width + 7) // 8) * height)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def test_a_picture_of_a_quarter_of_a_gigapixel(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(_png(16000, 16000))
    assert path.stat().st_size < 100_000
    assert "picture" in refused(path, images=True)
    small = tmp_path / "small.png"
    small.write_bytes(_png(160, 160))
    assert isinstance(inspect(small, images=True), MediaInfo)


def test_a_video_that_claims_to_be_huge(good: Path, tmp_path: Path) -> None:
    path = tmp_path / "huge.mp4"
    path.write_bytes(
        good.read_bytes().replace(struct.pack(">HH", 320, 180), struct.pack(">HH", 65535, 65535))
    )
    assert isinstance(inspect(path), (MediaInfo, MediaError))


@pytest.mark.parametrize("name", ["gap.mkv", "gap.mp4"])
def test_a_gap_of_a_day(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    jump = ["-vf", "setpts='if(gt(N,4),PTS+86400/TB,PTS)'", "-fps_mode", "vfr"]
    run_ffmpeg(*picture(1, "10"), *jump, *H264, str(path))
    assert path.stat().st_size < 100_000
    assert refused(path) == "The video has a gap of 86400 s between two frames."


@pytest.mark.parametrize("count", [33, 1000])
def test_too_many_streams(count: int, good: Path, tmp_path: Path) -> None:
    mkv, mp4 = tmp_path / "streams.mkv", tmp_path / "streams.mp4"
    mkv.write_bytes(matroska_of_tracks(count))
    traks: list[bytes] = []
    rewrite(
        good.read_bytes(), lambda kind, content: traks.append(box(kind, content)) if kind == b"trak" else None
    )
    mp4.write_bytes(
        rewrite(
            good.read_bytes(),
            lambda kind, content: box(kind, content, traks[0] * count) if kind == b"moov" else None,
        )
    )
    assert refused(mkv) == "The file has too many streams."
    assert refused(mp4) == "The file has too many streams."


# --- damage ---------------------------------------------------------------------------------------------


def test_what_is_no_file_of_media(good: Path, tmp_path: Path) -> None:
    empty, folder, fifo, missing = (
        tmp_path / name for name in ("empty.mp4", "folder", "fifo.mp4", "missing")
    )
    empty.touch()
    folder.mkdir()
    os.mkfifo(fifo)
    assert refused(empty) == "The file is empty."
    assert refused(folder) == "The file can't be opened: Is a directory."
    assert refused(fifo) == "The path is not a regular file."
    assert refused(missing) == "The file can't be opened: No such file or directory."
    assert refused(Path("/dev/zero")) == "The path is not a regular file."


def test_an_unfinished_recording_says_so(good: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    path.write_bytes(good.read_bytes()[:-3000])
    assert refused(path) == "The file has no index (moov): it was not finished or is truncated."


def test_an_encrypted_file_says_so(good: Path, tmp_path: Path) -> None:
    path = tmp_path / "drm.mp4"
    path.write_bytes(good.read_bytes().replace(b"avc1\0\0\0\0\0\0", b"encv\0\0\0\0\0\0"))
    assert refused(path) == "The file is encrypted."


@pytest.fixture(scope="module")
def victims(good: Path) -> list[Path]:
    """The same media in several containers."""
    others = [remux(good, good.with_suffix(suffix)) for suffix in (".mkv", ".ts", ".mov")]
    pieces = remux(good, good.with_name("pieces.mp4"), "-movflags", "frag_keyframe+empty_moov")
    vp9 = make_av(
        good.with_suffix(".webm"), codecs=["-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus"]
    )
    avi = make_av(good.with_suffix(".avi"), codecs=["-c:v", "mjpeg", "-c:a", "pcm_s16le"])
    flv = make_av(good.with_suffix(".flv"), codecs=[*H264, *AAC])
    return [good, *others, pieces, vp9, avi, flv]


def damage(data: bytes, seed: int) -> bytes:
    """Flip bits, drop, repeat or overwrite stretches, cut the end: mostly in the header, where it hurts."""
    chance = random.Random(seed)
    content = bytearray(data)
    for _ in range(chance.randint(1, 20)):
        reach = chance.choice([64, 1024, len(content), len(content)])
        at = chance.randrange(min(reach, len(content)))
        if chance.random() < 0.3:
            at = len(content) - 1 - at
        match chance.randrange(4):
            case 0:
                content[at] ^= 1 << chance.randrange(8)
            case 1:
                content[at : at + 4] = chance.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"])
            case 2:
                del content[at : at + chance.randint(1, 64)]
            case 3:
                content[at:at] = content[at : at + chance.randint(1, 64)]
        if len(content) < 100:
            break
    return bytes(content[: chance.randint(1, len(content))] if chance.random() < 0.2 else content)


@settings(max_examples=3)
@given(seed=st.integers(0, 2**32))
def test_damage_ends_with_a_sentence_or_an_answer(
    victims: list[Path], tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    paths = []
    for number, victim in enumerate(victims * 3):
        paths.append(folder / f"{number}{victim.suffix}")
        paths[-1].write_bytes(damage(victim.read_bytes(), seed + number))
    for result in probe.probe(paths):
        if isinstance(result, MediaError):
            assert result.message.endswith(".")
            assert str(folder) not in result.message
        else:
            assert MediaInfo.from_json(result.to_json()) == result
            assert result.duration >= 0


# --- the child ------------------------------------------------------------------------------------------

CRASHING_CHILD = """
import json, os, signal, sys
request = json.loads(os.fdopen(3).readline())
for number, path in enumerate(request["paths"]):
    print(json.dumps({"file": number}), flush=True)
    if "crash" in path:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "hang" in path:
        signal.pause()
    print(json.dumps({"file": number, "error": "read " + path, "details": {}}), flush=True)
"""


def test_a_crash_is_blamed_on_the_file_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_CHILD", (probe._CHILD[0], "-c", CRASHING_CHILD))
    paths = [Path(name) for name in ("a", "crash1", "crash2", "b", "hang", "c")]
    messages = [
        result.message for result in probe.probe(paths, wall_seconds=0.5) if isinstance(result, MediaError)
    ]
    crash = "The file is damaged: it crashed the reader."
    assert messages == [
        "read a",
        crash,
        crash,
        "read b",
        "The file could not be inspected within 0.5 s.",
        "read c",
    ]


def test_a_child_that_does_not_start_is_not_blamed_on_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_CHILD", (probe._CHILD[0], "-c", "raise SystemExit('broken')"))
    with pytest.raises(MediaError, match="does not start") as caught:
        probe.probe([Path("a")])
    assert "broken" in caught.value.details["stderr"]


def test_the_baits_work(tmp_path: Path) -> None:
    bait = tmp_path / "bait"
    bait.touch()
    with listen() as server, watch_opens(bait) as watch:
        assert not server.was_visited()
        assert not watch.was_opened()
        bait.read_bytes()
        assert watch.was_opened()
        assert isinstance(server, Listener)
        assert isinstance(watch, OpenWatch)
