#!/usr/bin/env python3
"""Writes what PyTorch computes in its first training steps to a safetensors file (F32 alone):

  settings            [2]        learning rate, norm to clip to
  inputs, targets     [S, B, T]  the batch of each step, as symbols
  losses              [S]        before each update
  initial.NAME                   every parameter before the first step
  clipped_gradient.NAME          its gradient in the first step, after clipping
  final.NAME                     every parameter after the last step

The text is one character after another of each row's own random walk, so the hidden state that is
carried over means something. No dropout: other programs can be held to the numbers.
"""
import argparse

import torch
from safetensors.torch import save_file


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output")
    for name, default in dict(vocabulary=19, hidden=8, layers=2, rows=4, length=8, steps=3,
                              seed=1).items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--clip", type=float, default=5.0)
    return parser.parse_args()


def random_walks(options, generator):
    """[rows, steps * length + 1]: most moves are small, so there is something to learn."""
    shape = (options.rows, options.steps * options.length + 1)
    moves = torch.randint(0, 4, shape, generator=generator)
    return moves.cumsum(1) % options.vocabulary


class Network(torch.nn.Module):
    def __init__(self, vocabulary, hidden, layers):
        super().__init__()
        self.lstm = torch.nn.LSTM(vocabulary, hidden, layers, batch_first=True)
        self.fc = torch.nn.Linear(hidden, vocabulary)
        self.vocabulary = vocabulary

    def loss(self, inputs, targets, state):
        one_hot = torch.nn.functional.one_hot(inputs, self.vocabulary).float()
        hidden, state = self.lstm(one_hot, state)
        scores = self.fc(hidden).flatten(0, 1)
        return torch.nn.functional.cross_entropy(scores, targets.flatten()), state


def copies(prefix, tensors):
    return {f"{prefix}.{name}": tensor.detach().clone() for name, tensor in tensors}


def train(options):
    torch.manual_seed(options.seed)
    network = Network(options.vocabulary, options.hidden, options.layers)
    adam = torch.optim.Adam(network.parameters(), lr=options.learning_rate)
    text = random_walks(options, torch.Generator().manual_seed(options.seed))
    inputs = text[:, :-1].unflatten(1, (options.steps, options.length)).transpose(0, 1)
    targets = text[:, 1:].unflatten(1, (options.steps, options.length)).transpose(0, 1)

    values = copies("initial", network.named_parameters())
    state, losses = None, []
    for step in range(options.steps):
        adam.zero_grad()
        loss, state = network.loss(inputs[step], targets[step], state)
        state = tuple(part.detach() for part in state)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), options.clip)
        if step == 0:
            gradients = ((name, value.grad) for name, value in network.named_parameters())
            values.update(copies("clipped_gradient", gradients))
        adam.step()
        losses.append(loss.item())
    values.update(copies("final", network.named_parameters()))
    values["settings"] = torch.tensor([options.learning_rate, options.clip])
    values["losses"] = torch.tensor(losses)
    values["inputs"] = inputs.float().contiguous()
    values["targets"] = targets.float().contiguous()
    return values


def main():
    options = arguments()
    save_file(train(options), options.output)


if __name__ == "__main__":
    main()
