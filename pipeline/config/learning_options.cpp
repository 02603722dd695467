#include "pipeline/config/option_rows.h"

namespace charrnn {
namespace {

constexpr Range kPositive = {.low = 1, .high = 1 << 20};
constexpr Range kProbability = {.low = 0, .high = 1, .below_high = true};

}  // namespace

Rows corpus_rows() {
  return {
      {.key = "corpus.files",
       .help = "text to learn from: file, glob, directory, @LIST or - (standard input); repeatable",
       .field = bind<&Config::corpus, &CorpusOptions::files>(),
       .paths = true},
      {.key = "corpus.encoding",
       .help = "how bytes become characters",
       .field = bind<&Config::corpus, &CorpusOptions::encoding>(),
       .choices = {"utf-8", "utf-16", "latin-1", "bytes", "windows-1252"}},
      {.key = "corpus.newlines",
       .help = "universal reads CRLF and CR as LF; keep leaves them as they are",
       .field = bind<&Config::corpus, &CorpusOptions::newlines>(),
       .choices = {"universal", "keep"}},
      {.key = "corpus.invalid",
       .help = "what to do about bytes that are not valid in the encoding",
       .field = bind<&Config::corpus, &CorpusOptions::invalid>(),
       .choices = {"error", "replace", "skip"}},
      {.key = "corpus.min_count",
       .help = "characters rarer than this become <unk>; 0 keeps all",
       .field = bind<&Config::corpus, &CorpusOptions::min_count>()},
      {.key = "corpus.normalise",
       .help = "Unicode normalisation of the text",
       .field = bind<&Config::corpus, &CorpusOptions::normalise>(),
       .choices = {"none", "nfc"}},
      {.key = "corpus.validation_fraction",
       .help = "share of the characters, from the end, that only validation sees",
       .field = bind<&Config::corpus, &CorpusOptions::validation_fraction>(),
       .range = kProbability},
      {.key = "corpus.documents",
       .help = "what parts the text into documents; the state is zeroed where one begins",
       .field = bind<&Config::corpus, &CorpusOptions::documents>(),
       .choices = {"none", "file", "blank_line", "separator", "line"}},
      {.key = "corpus.separator",
       .help = "text that ends a document, for corpus.documents = separator; it is learned, too",
       .field = bind<&Config::corpus, &CorpusOptions::separator>()},
      {.key = "corpus.order",
       .help = "training text as it stands, or its blocks in another order each epoch",
       .field = bind<&Config::corpus, &CorpusOptions::order>(),
       .choices = {"sequential", "shuffled"}},
      {.key = "corpus.shuffle_block",
       .help = "characters of a block that is shuffled; the state is zeroed where one begins",
       .field = bind<&Config::corpus, &CorpusOptions::shuffle_block>(),
       .range = {.low = 1}},
      {.key = "corpus.cache_directory",
       .help = "folder of indexes and expanded inputs; empty: the user's cache folder",
       .field = bind<&Config::corpus, &CorpusOptions::cache_directory>()},
      {.key = "corpus.cache_limit",
       .help = "bytes that expanded inputs may take",
       .field = bind<&Config::corpus, &CorpusOptions::cache_limit>()},
  };
}

Rows model_rows() {
  return {
      {.key = "model.hidden",
       .help = "units of each LSTM layer",
       .field = bind<&Config::model, &ModelOptions::hidden>(),
       .range = {.low = 1, .high = 16384}},
      {.key = "model.layers",
       .help = "LSTM layers",
       .field = bind<&Config::model, &ModelOptions::layers>(),
       .range = {.low = 1, .high = 16}},
      {.key = "model.dropout",
       .help = "probability that an activation is zeroed, between layers and before the output",
       .field = bind<&Config::model, &ModelOptions::dropout>(),
       .range = kProbability},
  };
}

Rows train_rows() {
  return {
      {.key = "train.batch",
       .help = "rows of a batch; each reads its own stretch of the corpus",
       .field = bind<&Config::train, &TrainOptions::batch>(),
       .range = {.low = 1, .high = 65536}},
      {.key = "train.sequence_length",
       .help = "characters of a window: how far gradients reach back",
       .field = bind<&Config::train, &TrainOptions::sequence_length>(),
       .range = {.low = 1, .high = 65536}},
      {.key = "train.epochs",
       .help = "limit: passes over the text; 0: none",
       .field = bind<&Config::train, &TrainOptions::epochs>()},
      {.key = "train.max_steps",
       .help = "limit: optimiser steps; 0: none",
       .field = bind<&Config::train, &TrainOptions::max_steps>()},
      {.key = "train.max_seconds",
       .help = "limit: time of training (s, m, h); 0: none",
       .field = bind<&Config::train, &TrainOptions::max_seconds>(),
       .seconds = true},
      {.key = "train.learning_rate",
       .help = "step size of Adam",
       .field = bind<&Config::train, &TrainOptions::learning_rate>(),
       .range = {.low = 0, .high = 10}},
      {.key = "train.clip",
       .help = "the gradient's norm is clipped to this; 0: never",
       .field = bind<&Config::train, &TrainOptions::clip>()},
      {.key = "train.seed",
       .help = "of the initial weights, the dropout masks and the order of shuffled blocks",
       .field = bind<&Config::train, &TrainOptions::seed>()},
      {.key = "train.initial_weights",
       .help = "safetensors file or checkpoint directory to start from; empty: drawn from the seed",
       .field = bind<&Config::train, &TrainOptions::initial_weights>()},
      {.key = "train.vocabulary",
       .help = "characters that the initial checkpoint does not know: added, or read as <unk>",
       .field = bind<&Config::train, &TrainOptions::vocabulary>(),
       .choices = {"extend", "freeze"}},
  };
}

Rows pace_rows() {
  return {
      {.key = "validation.every_steps",
       .help = "steps from one validation to the next; 0: only at the end",
       .field = bind<&Config::validation, &ValidationOptions::every_steps>()},
      {.key = "validation.max_chars",
       .help = "characters of the validation text that are read at most",
       .field = bind<&Config::validation, &ValidationOptions::max_chars>(),
       .range = {.low = 1}},
      {.key = "validation.files",
       .help = "text to validate on, in place of corpus.files' end; all of that is learned then",
       .field = bind<&Config::validation, &ValidationOptions::files>(),
       .paths = true},
      {.key = "checkpoint.every_steps",
       .help = "steps from one checkpoint to the next; 0: only when the run stops or ends",
       .field = bind<&Config::checkpoint, &CheckpointOptions::every_steps>()},
      {.key = "checkpoint.keep",
       .help = "newest checkpoints that stay; two always do",
       .field = bind<&Config::checkpoint, &CheckpointOptions::keep>(),
       .range = kPositive},
  };
}

}  // namespace charrnn
