# SPDX-License-Identifier: Apache-2.0
"""Archives that somebody made to do harm, each with words of the refusal that it must meet."""
import gzip
import io
import tarfile

GIB = 1 << 30


def add(tar, name, data=b"x", **changes):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in changes.items():
        setattr(info, key, value)
    tar.addfile(info, io.BytesIO(data) if info.isreg() else None)


def tar(*entries, form=tarfile.PAX_FORMAT):
    """Of (name, data, changes)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, data, changes in entries:
            add(archive, name, data, **changes)
    return buffer.getvalue()


def one(name, data=b"x", **changes):
    return gzip.compress(tar((name, data, changes)))


def sparse(size, before=b""):
    """A PAX 1.0 sparse file that holds nothing and claims `size` bytes."""
    info = tarfile.TarInfo("GNUSparseFile.0/s")
    info.size = 512
    info.pax_headers = {
        "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "s", "GNU.sparse.realsize": str(size)
    }
    return gzip.compress(before + info.tobuf(tarfile.PAX_FORMAT) + b"1\n0\n0\n".ljust(512, b"\0") + b"\0" * 1024)


def directory(**changes):
    info = tarfile.TarInfo("d")
    info.type = tarfile.DIRTYPE
    for key, value in changes.items():
        setattr(info, key, value)
    return info.tobuf(tarfile.PAX_FORMAT)


def bomb(size):
    info = tarfile.TarInfo("zeros")
    info.size = size
    buffer = io.BytesIO()
    with gzip.open(buffer, "wb", 1) as file:
        file.write(info.tobuf())
        for _ in range(size >> 20):
            file.write(bytes(1 << 20))
        file.write(bytes(1024))
    return buffer.getvalue()


def many(count):
    """One directory again and again: it is the number of entries that counts."""
    info = tarfile.TarInfo("d")
    info.type = tarfile.DIRTYPE
    return gzip.compress(info.tobuf(tarfile.USTAR_FORMAT) * count + bytes(1024), 1)


def archives():
    """(name, bytes or what makes them, words of the refusal); of the words, any may stand there where they are a tuple."""
    plain = tar(("a", b"hello", {}))
    packed = gzip.compress(plain)
    kinds = {
        "hard-link": (tarfile.LNKTYPE, "is a hard link"), "link": (tarfile.SYMTYPE, "is a symlink"),
        "character": (tarfile.CHRTYPE, "is neither a file nor a directory"),
        "block": (tarfile.BLKTYPE, "is neither a file nor a directory"),
        "pipe": (tarfile.FIFOTYPE, "is neither a file nor a directory"),
    }
    for name, (kind, words) in kinds.items():
        yield name, one("entry", b"", type=kind, linkname="/etc/passwd", devmajor=1, devminor=5), f"entry {words}"
    yield "traversal", one("../../../../tmp/escaped"), "invalid name"
    yield "traversal-inside", one("a/../../b"), "invalid name"
    yield "parent", one(".."), ("is a directory", "invalid name", "leads")
    yield "absolute", one("/tmp/escaped"), "invalid name"
    yield "backslash", one("a\\..\\b"), "invalid name"
    yield "pax-traversal", one("a", pax_headers={"path": "../../evil"}), "invalid name"
    yield "pax-absolute", one("a", pax_headers={"path": "/etc/evil"}), "invalid name"
    yield "root-file", one("./", b"x", type=tarfile.REGTYPE, pax_headers={"path": "."}), "where the directory of all others is"
    yield "setuid", one("s", mode=0o4755), "s would run as another user"
    yield "setgid", one("s", mode=0o2755), "s would run as another user"
    yield "setuid-folder", gzip.compress(directory(mode=0o4755) + bytes(1024)), "d/ would run as another user"
    yield "twice", gzip.compress(tar(("a", b"1", {}), ("./a", b"22", {}))), "appears twice"
    yield "file-above", gzip.compress(tar(("a", b"1", {}), ("a/b", b"2", {}))), "a/b is below a, which is a file"
    yield "folder-below", gzip.compress(tar(("a/b", b"1", {}), ("a", b"2", {}))), "a is a directory too"
    yield "folder-too", gzip.compress(tar(("d", b"1", {}), ("d", b"", {"type": tarfile.DIRTYPE}))), "d/ is a file too"
    yield "many-parts", one("a/" * 150_000 + "f"), "a name that is too long"
    yield "long-name", one("n" * 256), "a name that is too long"
    yield "very-long-name", one("n" * 900_000), "a name that is too long"
    yield "long-path", one("a/" * 3000 + "f"), "a name that is too long"
    yield "exabytes", sparse((1 << 63) - 1), "bigger than max archive size"
    yield "gigabytes", sparse(8 * GIB), "bigger than max archive size"
    yield "negative", one("a", pax_headers={"size": "-5"}), "invalid tar header"
    below = directory(pax_headers={"size": str(-(1 << 62))})
    yield "negative-folder", sparse(3 * GIB, below), ("negative size", "invalid tar header", "bigger than")
    yield "claims-more", one("a", pax_headers={"size": "99999999999999"}), "bigger than max archive size"
    yield "bomb", lambda: bomb(GIB + (1 << 20)), "bigger than max archive size"
    yield "many-files", lambda: many(200_001), "no more than 200000 entries"
    yield "truncated", packed[: len(packed) // 2], "unexpected EOF"
    yield "no-gzip", plain, "requires gzip-compressed body"
    yield "empty", b"", "requires gzip-compressed body"
    yield "damaged-header", gzip.compress(plain[:148] + b"9" * 8 + plain[156:]), "invalid tar header"
