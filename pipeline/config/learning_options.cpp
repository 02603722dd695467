#include "pipeline/config/option_rows.h"

namespace charrnn {
namespace {

constexpr Range kPositive = {.low = 1, .high = 1 << 20};
constexpr Range kProbability = {.low = 0, .high = 1, .below_high = true};

}  // namespace

Rows corpus_rows() {
  return {
      {.key = "corpus.files",
       .help = "text to learn from: a file, glob, folder, @LIST or - (standard input); repeatable",
       .field = bind<&Config::corpus, &CorpusOptions::files>(),
       .paths = true},
      {.key = "corpus.format",
       .help = "what the files hold: text, or records (JSON lines, CSV) of which a field is read",
       .field = bind<&Config::corpus, &CorpusOptions::format>()},
      {.key = "corpus.field",
       .help = "name of the field of each record that is read if corpus.format is not text",
       .field = bind<&Config::corpus, &CorpusOptions::field>()},
      {.key = "corpus.encoding",
       .help = "how bytes become characters",
       .field = bind<&Config::corpus, &CorpusOptions::encoding>()},
      {.key = "corpus.newlines",
       .help = "universal reads CRLF and CR as LF; keep leaves them as they are",
       .field = bind<&Config::corpus, &CorpusOptions::newlines>()},
      {.key = "corpus.invalid",
       .help = "what happens to bytes that are not valid in the encoding, and to bad records",
       .field = bind<&Config::corpus, &CorpusOptions::invalid>()},
      {.key = "corpus.min_count",
       .help = "characters that occur less often than this are read as <unk>; 0 keeps all",
       .field = bind<&Config::corpus, &CorpusOptions::min_count>()},
      {.key = "corpus.normalise",
       .help = "the Unicode normal form that the text is brought into",
       .field = bind<&Config::corpus, &CorpusOptions::normalise>()},
      {.key = "corpus.validation_fraction",
       .help = "share of the characters, from the end, that is held out for validation",
       .field = bind<&Config::corpus, &CorpusOptions::validation_fraction>(),
       .range = kProbability},
      {.key = "corpus.documents",
       .help = "what separates documents; the carried state is zeroed where one begins",
       .field = bind<&Config::corpus, &CorpusOptions::documents>()},
      {.key = "corpus.separator",
       .help = "text that ends a document if corpus.documents = separator; it is learned too",
       .field = bind<&Config::corpus, &CorpusOptions::separator>()},
      {.key = "corpus.order",
       .help = "read the training text as it stands, or its blocks in another order each epoch",
       .field = bind<&Config::corpus, &CorpusOptions::order>()},
      {.key = "corpus.shuffle_block",
       .help = "characters of a block that is shuffled; the state is zeroed where one begins",
       .field = bind<&Config::corpus, &CorpusOptions::shuffle_block>(),
       .range = {.low = 1}},
      {.key = "corpus.cache_directory",
       .help = "folder that keeps indexes and expanded inputs; empty: the user's cache folder",
       .field = bind<&Config::corpus, &CorpusOptions::cache_directory>()},
      {.key = "corpus.cache_limit",
       .help = "bytes that expanded inputs may take in the cache",
       .field = bind<&Config::corpus, &CorpusOptions::cache_limit>()},
  };
}

Rows model_rows() {
  return {
      {.key = "model.cell",
       .help = "recurrent cell of every layer; rnn is the plain one with tanh",
       .field = bind<&Config::model, &ModelOptions::cell>()},
      {.key = "model.hidden",
       .help = "units of each layer",
       .field = bind<&Config::model, &ModelOptions::hidden>(),
       .range = {.low = 1, .high = 16384}},
      {.key = "model.layers",
       .help = "number of recurrent layers",
       .field = bind<&Config::model, &ModelOptions::layers>(),
       .range = {.low = 1, .high = 16}},
      {.key = "model.dropout",
       .help = "probability that an activation is zeroed, between layers and before the output",
       .field = bind<&Config::model, &ModelOptions::dropout>(),
       .range = kProbability},
      {.key = "model.forget_bias",
       .help = "of lstm: added to the forget gates' bias of a new network; 1 helps it to learn",
       .field = bind<&Config::model, &ModelOptions::forget_bias>(),
       .range = {.low = -10, .high = 10}},
  };
}

Rows train_rows() {
  return {
      {.key = "train.batch",
       .help = "rows of a batch; each reads its own part of the corpus",
       .field = bind<&Config::train, &TrainOptions::batch>(),
       .range = {.low = 1, .high = 65536}},
      {.key = "train.sequence_length",
       .help = "characters of a window: how far back gradients reach",
       .field = bind<&Config::train, &TrainOptions::sequence_length>(),
       .range = {.low = 1, .high = 65536}},
      {.key = "train.epochs",
       .help = "limit: passes over the training text; 0: none",
       .field = bind<&Config::train, &TrainOptions::epochs>()},
      {.key = "train.max_steps",
       .help = "limit: optimiser steps; 0: none",
       .field = bind<&Config::train, &TrainOptions::max_steps>()},
      {.key = "train.max_seconds",
       .help = "limit: time spent training (s, m, h); 0: none",
       .field = bind<&Config::train, &TrainOptions::max_seconds>(),
       .seconds = true},
  };
}

Rows optimizer_rows() {
  return {
      {.key = "train.optimizer",
       .help = "how gradients become new weights",
       .field = bind<&Config::train, &TrainOptions::optimizer, &OptimizerOptions::kind>()},
      {.key = "train.momentum",
       .help = "of sgd: the share of the last direction that the next one keeps",
       .field = bind<&Config::train, &TrainOptions::optimizer, &OptimizerOptions::momentum>(),
       .range = kProbability},
      {.key = "train.nesterov",
       .help = "of sgd: the gradient counts once more on top of the momentum",
       .field = bind<&Config::train, &TrainOptions::optimizer, &OptimizerOptions::nesterov>()},
      {.key = "train.bias_rate",
       .help = "of muon: learning rate of the biases, as a share of the learning rate",
       .field = bind<&Config::train, &TrainOptions::optimizer, &OptimizerOptions::bias_rate>(),
       .range = {.low = 0, .high = 10}},
      {.key = "train.weight_decay",
       .help = "share of a matrix's weights, times the learning rate, that each step takes away",
       .field = bind<&Config::train, &TrainOptions::optimizer, &OptimizerOptions::weight_decay>(),
       .range = {.low = 0, .high = 10}},
      {.key = "train.cautious_decay",
       .help = "only those weights decay that the update itself moves towards 0",
       .field =
           bind<&Config::train, &TrainOptions::optimizer, &OptimizerOptions::cautious_decay>()},
      {.key = "train.ema",
       .help = "decay of the average of weights that is validated and served, as 0.999; 0: none",
       .field = bind<&Config::train, &TrainOptions::optimizer, &OptimizerOptions::ema>(),
       .range = kProbability},
      {.key = "train.learning_rate",
       .help = "step size of the optimiser at the first step",
       .field = bind<&Config::train, &TrainOptions::schedule, &ScheduleOptions::learning_rate>(),
       .range = {.low = 0, .high = 10}},
      {.key = "train.schedule",
       .help = "learning rate over the run: constant, or falling to final_learning_rate at its end",
       .field = bind<&Config::train, &TrainOptions::schedule, &ScheduleOptions::kind>()},
      {.key = "train.final_learning_rate",
       .help = "of every schedule but constant: the learning rate when the run ends",
       .field =
           bind<&Config::train, &TrainOptions::schedule, &ScheduleOptions::final_learning_rate>(),
       .range = {.low = 0, .high = 10}},
      {.key = "train.decay_share",
       .help = "of schedule = wsd: the last share of the run, over which the learning rate falls",
       .field = bind<&Config::train, &TrainOptions::schedule, &ScheduleOptions::decay_share>(),
       .range = {.low = 0.001, .high = 1}},
      {.key = "train.warmup_steps",
       .help = "steps over which the learning rate rises from 0 at the beginning; 0: none",
       .field = bind<&Config::train, &TrainOptions::schedule, &ScheduleOptions::warmup_steps>()},
  };
}

Rows start_rows() {
  return {
      {.key = "train.clip",
       .help = "a gradient with a longer norm is scaled down to this; 0: never",
       .field = bind<&Config::train, &TrainOptions::clip>()},
      {.key = "train.seed",
       .help = "seed of the initial weights, the dropout masks and the order of shuffled blocks",
       .field = bind<&Config::train, &TrainOptions::seed>()},
      {.key = "train.initial_weights",
       .help =
           "safetensors file, checkpoint or run folder to start from; empty: drawn from the seed",
       .field = bind<&Config::train, &TrainOptions::initial_weights>()},
      {.key = "train.vocabulary",
       .help = "add characters that the initial checkpoint lacks, or read them as <unk>",
       .field = bind<&Config::train, &TrainOptions::vocabulary>()},
  };
}

Rows pace_rows() {
  return {
      {.key = "validation.every_steps",
       .help = "steps from one validation to the next; 0: only at the end",
       .field = bind<&Config::validation, &ValidationOptions::every_steps>()},
      {.key = "validation.every_epochs",
       .help = "epochs from one validation to the next, as 1 or 0.25; 0: every_steps counts",
       .field = bind<&Config::validation, &ValidationOptions::every_epochs>()},
      {.key = "validation.max_chars",
       .help = "most characters that one validation reads",
       .field = bind<&Config::validation, &ValidationOptions::max_chars>(),
       .range = {.low = 1}},
      {.key = "validation.files",
       .help = "text to validate on instead of the end of corpus.files; repeatable",
       .field = bind<&Config::validation, &ValidationOptions::files>(),
       .paths = true},
      {.key = "checkpoint.every_steps",
       .help = "steps from one checkpoint to the next; 0: only when the run stops or ends",
       .field = bind<&Config::checkpoint, &CheckpointOptions::every_steps>()},
      {.key = "checkpoint.every_epochs",
       .help = "epochs from one checkpoint to the next, as 1 or 0.25; 0: every_steps counts",
       .field = bind<&Config::checkpoint, &CheckpointOptions::every_epochs>()},
      {.key = "checkpoint.keep",
       .help = "how many of the newest checkpoints are kept; never fewer than two",
       .field = bind<&Config::checkpoint, &CheckpointOptions::keep>(),
       .range = kPositive},
      {.key = "checkpoint.keep_best",
       .help = "whether the checkpoint with the lowest validation loss is kept besides",
       .field = bind<&Config::checkpoint, &CheckpointOptions::keep_best>()},
  };
}

}  // namespace charrnn
