#!/usr/bin/env python3
"""Runs clang-tidy over the program's sources and prints what it complains about, and nothing else.

    scripts/clang_tidy.py [FILE...]      all sources of the program when none is named

Needs a configured build/release. A source that passed is not checked again until it, a header of
this project that it includes, its compile command or the rules change: build/release/tidy keeps an
empty file for each pass, named by the hash of all of these. Which headers a source includes is
known once it was built; before that it is checked each time.
"""
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

CLANG_TIDY = "clang-tidy-19"
ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/release"
PASSED = BUILD / "tidy"
PRECOMPILED = re.compile(r" -Winvalid-pch| -include \S*cmake_pch\.hxx")
ROOMS = ("base", "corpus", "model", "nodes", "serve", "pipeline")


def sources():
    """The compile commands of the program's own sources, by their path from the root."""
    found = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in ROOMS:
            found[str(path.relative_to(ROOT))] = entry
    return found


def headers_by_object():
    """The files of this project that each built object was made from."""
    listing = subprocess.run(["ninja", "-C", BUILD, "-t", "deps"], capture_output=True, text=True)
    headers, current = {}, []
    for line in listing.stdout.splitlines():
        if line.startswith("    ../../"):
            current.append(ROOT / line.strip()[len("../../"):])
        elif ": #deps" in line:
            current = headers.setdefault(line.split(":")[0], [])
    return headers


def key_of(entry, headers):
    """A name for this source as it is now; None when its headers are not known."""
    output = entry["command"].split(" -o ")[1].split()[0]
    if output not in headers:
        return None
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes())
    digest.update((CLANG_TIDY + entry["command"]).encode())
    for path in sorted(headers[output]):
        if not path.is_file():
            return None
        digest.update(path.read_bytes())
    return digest.hexdigest()


def write_commands(entries):
    """The compile commands without precompiled headers: a source includes all that it needs."""
    plain = [dict(entry, command=PRECOMPILED.sub("", entry["command"])) for entry in entries.values()]
    (PASSED / "compile_commands.json").write_text(json.dumps(plain))


def complaints(source):
    command = [CLANG_TIDY, "-p", PASSED, "--quiet", "--extra-arg=-Wno-unknown-warning-option", source]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    # Standard error only counts the warnings of system headers, unless clang-tidy itself failed.
    return "" if result.returncode == 0 else result.stdout or result.stderr


def check(source, key):
    if key and (PASSED / key).exists():
        return ""
    text = complaints(source)
    if key and not text:
        (PASSED / key).touch()
    return text


def main():
    PASSED.mkdir(exist_ok=True)
    entries, headers = sources(), headers_by_object()
    names = sys.argv[1:] or sorted(entries)
    keys = {name: key_of(entries[name], headers) for name in names}
    for old in PASSED.iterdir():
        if not sys.argv[1:] and old.name not in keys.values():
            old.unlink()
    write_commands(entries)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as workers:
        texts = list(workers.map(lambda name: check(name, keys[name]), names))
    sys.stdout.write("".join(texts))
    return 1 if any(texts) else 0


if __name__ == "__main__":
    sys.exit(main())
