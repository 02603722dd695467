#pragma once

#include <string>

#include "model/snapshot.h"

namespace charrnn {

/// `model.safetensors` of a model: PyTorch's tensors under PyTorch's names, with its metadata.
std::string exported_weights(const Snapshot& model);

/// `tokenizer.json` for the library tokenizers: one token for each character, whose number is its
/// symbol. It translates newlines and composes characters as the model's vocabulary says. A byte is
/// the character with its number (Latin-1). What the vocabulary lacks is `<unk>` if it has that,
/// and an error of the library otherwise.
std::string exported_tokenizer(const Vocabulary& vocabulary);

/// `config.json`: what charrnn.py needs to build the network, and where the model stands.
std::string exported_config(const Snapshot& model);

}  // namespace charrnn
