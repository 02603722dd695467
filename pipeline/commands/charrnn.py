"""A model that `charrnn_pipeline export` wrote, in plain PyTorch.

    python3 charrnn.py "In the beginning"           continues a text

    model = charrnn.load("DIRECTORY")
    logits, state = model(symbols)                  # [rows, length] -> [rows, length, vocabulary]
    text = charrnn.generate(model, tokenizer, "In the beginning", 200, temperature=0.8)

Needs torch, safetensors and tokenizers. `tokenizer` is
tokenizers.Tokenizer.from_file("DIRECTORY/tokenizer.json"): one token for each character.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import load_file

MODULES = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}


class CharRNN(torch.nn.Module):
    """One-hot characters, recurrent layers, and a linear layer that gives the logits."""

    def __init__(self, config):
        super().__init__()
        self.vocabulary = config["vocab_size"]
        self.cell = config["cell"]
        layers = MODULES[self.cell](self.vocabulary, config["hidden_size"],
                                    config["num_hidden_layers"], batch_first=True)
        self.add_module(self.cell, layers)
        self.fc = torch.nn.Linear(config["hidden_size"], self.vocabulary)

    def forward(self, symbols, state=None):
        """symbols: [rows, length]. Returns logits [rows, length, vocabulary] and the new state."""
        inputs = torch.nn.functional.one_hot(symbols, self.vocabulary).to(self.fc.weight.dtype)
        hidden, state = getattr(self, self.cell)(inputs, state)
        return self.fc(hidden), state


def load(directory):
    """The model of a directory, ready to be evaluated."""
    directory = pathlib.Path(directory)
    model = CharRNN(json.loads((directory / "config.json").read_text(encoding="utf-8")))
    model.load_state_dict(load_file(directory / "model.safetensors"))
    return model.eval()


def choose(logits, temperature, uniform):
    """The next symbol: the likeliest at temperature 0, else where `uniform` in [0, 1) falls."""
    if temperature == 0:
        return int(logits.argmax())
    sums = torch.softmax(logits.double() / temperature, -1).cumsum(-1)
    return int(torch.searchsorted(sums, uniform * float(sums[-1]), right=True)
               .clamp(max=len(sums) - 1))


@torch.no_grad()
def generate(model, tokenizer, prompt, length, temperature=1.0, generator=None):
    """`length` characters that continue `prompt`, which must not be empty."""
    symbols = torch.tensor([tokenizer.encode(prompt).ids])
    state, written = None, []
    for _ in range(length):
        logits, state = model(symbols, state)
        uniform = torch.rand((), dtype=torch.float64, generator=generator).item()
        written.append(choose(logits[0, -1], temperature, uniform))
        symbols = torch.tensor([written[-1:]])
    return tokenizer.decode(written, skip_special_tokens=False)


def main():
    from tokenizers import Tokenizer

    directory = pathlib.Path(__file__).resolve().parent
    prompt = sys.argv[1] if len(sys.argv) > 1 else "The "
    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    print(prompt + generate(load(directory), tokenizer, prompt, 500, temperature=0.8))


if __name__ == "__main__":
    main()
