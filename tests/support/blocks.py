"""Picture files built block by block, for what no encoder writes: broken, odd and hostile ones."""

import struct
import zlib


def png_chunk(kind: bytes, payload: bytes = b"") -> bytes:
    """One PNG chunk with its length and a right checksum."""
    checksum = zlib.crc32(kind + payload)
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", checksum)


def png_header(width: int = 8, height: int = 8, *, depth: int = 8, colour: int = 0) -> bytes:
    """An IHDR chunk, of an 8x8 grey picture unless told otherwise."""
    return png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def png_file(*chunks: bytes, header: bytes = png_header()) -> bytes:
    """A PNG of 8x8 grey pixels with further chunks between its header and its pixels."""
    pixels = png_chunk(b"IDAT", zlib.compress(bytes(9 * 8)))
    end = png_chunk(b"IEND")
    return b"".join([b"\x89PNG\r\n\x1a\n", header, *chunks, pixels, end])


def jpeg_segment(code: int, payload: bytes = b"") -> bytes:
    """One JPEG segment: marker, length, payload."""
    return struct.pack(">BBH", 0xFF, code, len(payload) + 2) + payload


def jpeg_frame(
    width: int = 8, height: int = 8, *, code: int = 0xC0, depth: int = 8, components: int = 1
) -> bytes:
    """A frame header, of an 8x8 grey baseline picture unless told otherwise."""
    header = struct.pack(">BHHB", depth, height, width, components)
    return jpeg_segment(code, header + bytes(3 * components))


def jpeg_file(*segments: bytes, frame: bytes = jpeg_frame(), scans: int = 1) -> bytes:
    """A JPEG with the right structure and no decodable pixels."""
    scan = jpeg_segment(0xDA, bytes(6)) + b"\x12\xff\x00\x34\xff\xd0\x56"
    return b"".join([b"\xff\xd8", *segments, frame, scan * scans, b"\xff\xd9"])


def exif(orientation: int, *, order: str = ">", kind: int = 3) -> bytes:
    """A TIFF block whose first directory holds an orientation between two other entries."""
    entries = [
        struct.pack(f"{order}HHII", 0x010F, 2, 1, 0),
        struct.pack(f"{order}HHIHH", 0x0112, kind, 1, orientation, 0),
        struct.pack(f"{order}HHII", 0x8769, 4, 1, 8),
    ]
    magic = b"MM\0*" if order == ">" else b"II*\0"
    return magic + struct.pack(f"{order}IH", 8, len(entries)) + b"".join(entries)


def gif_screen(width: int = 8, height: int = 8) -> bytes:
    """The start of a GIF with a colour table of two."""
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"


def gif_frame(left: int = 0, top: int = 0, width: int = 8, height: int = 8) -> bytes:
    """A frame of one colour, in LZW codes of three bits that are all literal or clear."""
    codes = [4, *([0, 0, 4] * ((width * height + 1) // 2)), 5]
    bits = sum(code << (3 * place) for place, code in enumerate(codes))
    coded = bits.to_bytes((3 * len(codes) + 7) // 8, "little")
    blocks = [coded[at : at + 255] for at in range(0, len(coded), 255)]
    body = b"".join(bytes([len(block)]) + block for block in blocks)
    return b"\x2c" + struct.pack("<HHHHB", left, top, width, height, 0) + b"\x02" + body + b"\0"


def gif_control(flags: int = 0) -> bytes:
    """A graphic control extension; flag 1 makes colour 0 transparent."""
    return b"\x21\xf9\x04" + bytes([flags, 10, 0, 0]) + b"\0"


def gif_extension(label: int, *sub_blocks: bytes) -> bytes:
    """Any other extension."""
    body = b"".join(bytes([len(block)]) + block for block in sub_blocks)
    return bytes([0x21, label]) + body + b"\0"


def webp_chunk(kind: bytes, payload: bytes) -> bytes:
    """One chunk of a RIFF file, padded to an even length."""
    return kind + struct.pack("<I", len(payload)) + payload + bytes(len(payload) % 2)


def webp_file(*chunks: bytes) -> bytes:
    """A WebP file of the chunks given."""
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_lossless(width: int = 8, height: int = 8, *, has_alpha: bool = False) -> bytes:
    """A VP8L chunk with nothing but its header."""
    bits = width - 1 | height - 1 << 14 | has_alpha << 28
    return webp_chunk(b"VP8L", struct.pack("<BI", 0x2F, bits) + b"\0")


def webp_lossy(width: int = 8, height: int = 8) -> bytes:
    """A VP8 chunk with nothing but its header."""
    return webp_chunk(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height))


def webp_canvas(width: int = 8, height: int = 8, *, flags: int = 0) -> bytes:
    """A VP8X chunk. Flags: 0x20 profile, 0x10 alpha, 0x08 EXIF, 0x04 XMP, 0x02 animation."""
    return webp_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + _three(width - 1) + _three(height - 1))


def webp_frame(
    *parts: bytes, left: int = 0, top: int = 0, width: int = 8, height: int = 8, flags: int = 0
) -> bytes:
    """An ANMF chunk around `parts`. Flags: 0x02 paints over what is there, 0x01 clears it after."""
    box = b"".join(map(_three, (left // 2, top // 2, width - 1, height - 1, 100)))
    return webp_chunk(b"ANMF", box + bytes([flags]) + b"".join(parts))


def _three(number: int) -> bytes:
    """Three bytes, the low one first."""
    return number.to_bytes(3, "little")
