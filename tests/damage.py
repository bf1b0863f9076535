"""Damages files in many ways, as disks, transfers and strangers do."""

import gzip
import json
import re
import zlib

LONGEST = 2**22
"""Bytes beyond which a file is damaged no further, since some ways make it fifty times as long."""
HUGE = ["1e999", "-1", "9" * 400, "2147483648", "1e9", "NaN", "0", "99999999", "4097"]
SWAPPED = [None, True, -1, 0, 1e300, "", "x", [], {}, [[]], [None], 2**70, "[" * 3000, {"a": {"a": {}}}]


def damaged(rng, content):
    """Damage a file in one of many ways."""
    is_json = content.lstrip()[:1] in (b"{", b"[")
    is_text = is_json or not any(byte < 9 for byte in content[:2000])
    ways = [flip, cut, insert, repeat]
    if content.startswith(b"\x1f\x8b"):
        ways += [repack] * 4
    if content[8:9] == b"{":
        ways += [change_header] * 4
    ways += [replace_token, replace_token, nest, encode] if is_text else [fix_png]
    ways += [swap, swap, swap] if is_json else []
    for _ in range(rng.choice([1, 1, 2, 4])):
        if len(content) < LONGEST:
            content = rng.choice(ways)(rng, content)
    return content


def flip(rng, content):
    changed = bytearray(content)
    for _ in range(rng.choice([1, 3, 20])):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def cut(rng, content):
    return content[: rng.randrange(len(content) + 1)]


def insert(rng, content):
    place = rng.randrange(len(content) + 1)
    return content[:place] + rng.randbytes(rng.choice([1, 4, 300])) + content[place:]


def repeat(rng, content):
    start, end = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    return content[:end] + content[start:end] * rng.choice([1, 2, 50])


def replace_token(rng, content):
    tokens = list(re.finditer(rb"[-\w.#]+", content))
    if not tokens:
        return content
    token = rng.choice(tokens)
    return content[: token.start()] + rng.choice(HUGE).encode() + content[token.end() :]


def nest(rng, content):
    place, depth = rng.randrange(len(content) + 1), rng.choice([150, 5000, 100_000])
    return content[:place] + rng.choice([b"[", b'{"a":', b"("]) * depth + content[place:]


def encode(rng, content):
    return content.decode("utf-8", "replace").encode(rng.choice(["utf-16", "utf-8-sig", "cp1252"]), "replace")


def swap(rng, content):
    """Replace a value of a JSON file by one of another type."""
    try:
        tree = json.loads(content)
    except (ValueError, RecursionError):
        return content
    node, places = tree, []
    while isinstance(node, dict | list) and node and (not places or rng.random() < 0.8):
        key = rng.choice(list(node) if isinstance(node, dict) else range(len(node)))
        places.append((node, key))
        node = node[key]
    if not places:
        return content
    holder, key = rng.choice(places)
    if isinstance(holder, dict) and rng.random() < 0.2:
        del holder[key]
    else:
        holder[key] = rng.choice(SWAPPED)
    return json.dumps(tree).encode()


def fix_png(rng, content):
    """Change a chunk of a PNG, and correct its checksum, so that the change is believed."""
    if not content.startswith(b"\x89PNG"):
        return flip(rng, content)
    chunks, place = [], 8
    while place + 12 <= len(content):
        length = int.from_bytes(content[place : place + 4])
        chunks.append((place, length))
        place += 12 + length
    if not chunks:
        return content
    place, length = rng.choice(chunks)
    body = flip(rng, content[place + 4 : place + 8 + length])
    return content[: place + 4] + body + zlib.crc32(body).to_bytes(4) + content[place + 8 + length :]


def repack(rng, content):
    """Change what a gzip file holds."""
    try:
        return gzip.compress(flip(rng, gzip.decompress(content)), 1)
    except (OSError, EOFError, zlib.error):  # it is damaged already
        return content


def change_header(rng, content):
    """Change the JSON in front of the values of a safetensors file, whose length is corrected."""
    length = int.from_bytes(content[:8], "little")
    header, rest = content[8 : 8 + length], content[8 + length :]
    header = rng.choice([swap, swap, replace_token, nest])(rng, header)
    return len(header).to_bytes(8, "little") + header + rest
