"""The Python side of scripts/checks/export: exported_model_check.py SCORES EXPORT PROGRAM RUN."""

import json
import pathlib
import subprocess
import sys

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

PROMPTS = ("THE", "Anna\r\nKen", "a\"b\\c😀")


def program_text(program, run, prompt, length):
    """What the program writes behind a prompt, each time the likeliest character."""
    command = [program, "generate", f"--run.directory={run}", f"--generate.prompt={prompt}",
               f"--generate.length={length}", "--generate.temperature=0",
               "--generate.format=jsonl"]
    answer = subprocess.run(command, check=True, capture_output=True).stdout
    return json.loads(answer)["text"]


def main():
    scores, export, program, run = sys.argv[1:]
    sys.path.insert(0, export)
    import charrnn

    model = charrnn.load(export)
    tokenizer = Tokenizer.from_file(str(pathlib.Path(export) / "tokenizer.json"))
    ours = load_file(scores)
    with torch.no_grad():
        logits, _ = model(ours["symbols"].long())
    error = ((logits - ours["scores"]).norm() / ours["scores"].norm()).item()
    print(f"{model.cell}: the logits differ by {error:.1e} of their norm")
    assert error < 1e-5

    symbols = list(range(model.vocabulary))
    text = tokenizer.decode(symbols, skip_special_tokens=False)
    assert tokenizer.encode(text).ids == symbols, "the tokenizer does not give its text back"
    assert tokenizer.encode("A\r\nB\rC").ids == tokenizer.encode("A\nB\nC").ids
    for unknown in ("é", "A\u0000"):
        try:
            tokenizer.encode(unknown)
        except Exception:
            continue
        raise AssertionError("a character that the model does not know was taken")
    for prompt in PROMPTS:
        theirs = charrnn.generate(model, tokenizer, prompt, 300, temperature=0)
        assert theirs == program_text(program, run, prompt, 300), repr(prompt)
    print(f"{model.cell}: {len(PROMPTS)} greedy texts of 300 characters are equal")


main()
