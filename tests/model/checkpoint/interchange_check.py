"""The Python side of scripts/checks/safetensors: interchange_check.py DIRECTORY FORMAT_DOCUMENT."""

import pathlib
import re
import sys

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file


def copy_files(directory):
    """Reads each file of ours/ and writes its tensors again into theirs/."""
    (directory / "theirs").mkdir()
    count = 0
    for file in sorted((directory / "ours").iterdir()):
        with safe_open(file, "pt") as tensors:
            assert all(tensors.get_slice(name).get_dtype() == "F32" for name in tensors.keys())
        save_file(load_file(file), directory / "theirs" / file.name)
        count += 1
    return count


def documented_logits(document, checkpoint, symbols):
    """Runs the Python lines of the document."""
    lines = re.search(r"```python\n(.*?)```", document.read_text(), re.DOTALL).group(1)
    names = {"checkpoint": checkpoint, "symbols": symbols}
    with torch.no_grad():
        exec(lines, names)
    return names["logits"]


def main():
    directory, document = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    print(f"{copy_files(directory)} files read and written by Python")
    ours = load_file(directory / "scores.safetensors")
    checkpoint = next((directory / "checkpoints").iterdir())
    logits = documented_logits(document, checkpoint, ours["symbols"].long())
    error = (logits - ours["scores"]).abs().max().item()
    print(f"scores of {checkpoint.name}/model.safetensors in PyTorch and here differ by {error:.1e}"
          f" at most, of {logits.abs().max().item():.2f}")
    for file in sorted(checkpoint.glob("*.safetensors")):
        print(f"{file.name}: {len(load_file(file))} tensors")
    sys.exit(0 if error < 1e-5 else 1)


main()
