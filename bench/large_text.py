"""Texts of many gigabytes, made again at each place bit for bit: a text's lines in blocks of 64, in another order for each
copy. In every fourth file of 100 MB the letters "th" are one letter of two bytes, so that an index has to know where
characters lie.
"""
import random

MB, GB = 10**6, 10**9


def blocks_of(path):
    """The text that everything is made of, as blocks of 64 lines."""
    text = path.read_bytes()
    while len(text) < 2 * MB:
        text += text
    lines = text.splitlines(keepends=True)
    return [b"".join(lines[i:i + 64]) for i in range(0, len(lines), 64)]


def write_file(path, size, blocks, seed, two_bytes):
    """`size` bytes of the blocks, in an order of their own for each copy; ends with a whole character."""
    dice = random.Random(seed)
    order = list(range(len(blocks)))
    left = size
    with open(path, "wb", buffering=0) as out:
        while left > 0:
            dice.shuffle(order)
            copy = b"".join([blocks[i] for i in order])
            if two_bytes:
                copy = copy.replace(b"th", "\u00fe".encode())
            if len(copy) > left:
                copy = copy[:left].decode(errors="ignore").encode()
                left = len(copy)
            out.write(copy)
            left -= len(copy)


def make_corpus(folder, gigabytes, blocks):
    """folder/big, of files of about 100 MB, and folder/small, 20 MB of the same kind."""
    big, small = folder / "big", folder / "small"
    big.mkdir(), small.mkdir()
    write_file(small / "0000.txt", 15 * MB, blocks, "small", False)
    write_file(small / "0001.txt", 5 * MB, blocks, "small too", True)
    count = max(1, round(gigabytes * GB / (100 * MB)))
    for i in range(count):
        write_file(big / f"{i:04}.txt", round(gigabytes * GB / count), blocks, i, i % 4 == 3)


def make_many_files(folder, count, blocks):
    """folder/one, one file, and folder/many, the same bytes in `count` files of 64 KiB, a thousand a directory."""
    one, many = folder / "one", folder / "many"
    one.mkdir(), many.mkdir()
    write_file(one / "all.txt", count * 65536, blocks, "one", False)
    with open(one / "all.txt", "rb") as text:
        for i in range(count):
            if i % 1000 == 0:
                (many / f"{i // 1000:04}").mkdir()
            (many / f"{i // 1000:04}" / f"{i:07}.txt").write_bytes(text.read(65536))


def warm(folder):
    """Reads everything once, so that what follows finds it in the page cache."""
    for file in folder.rglob("*.txt"):
        with open(file, "rb", buffering=0) as text:
            while text.read(MB):
                pass
