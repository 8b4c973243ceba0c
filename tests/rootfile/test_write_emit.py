"""The primitives, and the streamer infos against those of ROOT 6.40."""

from __future__ import annotations

import hashlib
import struct
import zlib

import numpy as np
import pytest

from atlasod_tui.rootfile import emit
from atlasod_tui.rootfile.streamers import streamer_infos, streamer_list

# SHA-256 of the lists in files that ROOT wrote with objects of these classes
ROOT_LISTS = {
    (): "26cf15c3f318a31f70f1f59f6b8f2d5df8fc707ba8ed0e50e5c8dbee09b8157b",
    ("TH1F",): "52c34ec8a44913e6ff18d108f7555824b062c3dd422d6152a4a80eb15d37174a",
    ("TObjString",): "5622e0d3e63281dfc78d436a54eab31509b26f087e6b08b0c96ab612c9389042",
    ("TObjString", "TH1F"): "05ce6ce279dcb6f0e9d858fb290cb415fb31c9eb69488e34ccb79a8953d11e2b",
}


@pytest.mark.parametrize("classes", ROOT_LISTS)
def test_streamer_list_equals_the_one_root_writes(classes: tuple[str, ...]) -> None:
    assert hashlib.sha256(streamer_list(classes)).hexdigest() == ROOT_LISTS[classes]


def test_streamer_list_of_a_tree_has_its_rules() -> None:
    body = streamer_list(["TTree"])
    assert len(body) == 18865
    assert b"listOfRules" in body
    assert b"listOfRules" not in streamer_list(["TH1F"])


def test_stored_streamer_infos_are_the_compressed_list() -> None:
    size, stored = streamer_infos(frozenset({"TH1F"}))
    assert size == 9332
    assert zlib.decompress(stored[9:]) == streamer_list(["TH1F"])


def test_an_unknown_class_is_an_error() -> None:
    with pytest.raises(KeyError, match="TGraph"):
        streamer_list(["TH1F", "TGraph"])


@pytest.mark.parametrize(("size", "prefix"), [(0, b"\0"), (254, b"\xfe"), (255, b"\xff\0\0\0\xff")])
def test_strings_from_255_bytes_on_take_the_long_form(size: int, prefix: bytes) -> None:
    assert emit.string("x" * size) == prefix + b"x" * size


def test_string_lengths_count_bytes() -> None:
    assert emit.string("µ" * 127) == b"\xfe" + "µ".encode() * 127
    assert emit.string("µ" * 128)[:5] == b"\xff\0\0\1\0"


def test_arrays_are_big_endian() -> None:
    assert emit.tarray(np.array([1.5], np.float32)) == struct.pack(">if", 1, 1.5)
    assert emit.tarray(np.array([1.5, 2.0])) == struct.pack(">i2d", 2, 1.5, 2.0)


def test_objects_and_classes_are_referred_to_by_position() -> None:
    buffer = emit.ObjectBuffer(key_length=50)
    with buffer.object("TLeafI", identity="n"):
        buffer.write(b"abc")
    with buffer.object("TLeafI"), buffer.versioned(2):
        buffer.reference("n")
    first = struct.pack(">II", 0x40000000 | 14, 0xFFFFFFFF) + b"TLeafI\0abc"
    # the class name's tag lies 4 bytes into the first object; positions include the key and 2
    second = struct.pack(">IIIHI", 0x40000000 | 14, 0x80000000 | 56, 0x40000000 | 6, 2, 52)
    assert bytes(buffer.data) == first + second


def test_a_reference_to_an_object_not_written_is_an_error() -> None:
    with pytest.raises(KeyError):
        emit.ObjectBuffer(50).reference("n")


def test_what_does_not_shrink_is_stored_raw() -> None:
    noise = np.random.default_rng(1).bytes(5000)
    assert emit.compressed(noise) == noise
    assert emit.compressed(bytes(256)) == bytes(256)


def test_large_bodies_are_compressed_in_blocks() -> None:
    body = bytes(0xFFFFFF) + b"x" * 10_000
    stored = emit.compressed(body)
    assert stored[:3] == b"ZL\x08"
    end = 9 + int.from_bytes(stored[3:6], "little")
    assert int.from_bytes(stored[6:9], "little") == 0xFFFFFF
    assert stored[end : end + 3] == b"ZL\x08"
    assert zlib.decompress(stored[9:end]) + zlib.decompress(stored[end + 9 :]) == body
