#include "pipeline/config/config_rules.h"

#include <algorithm>
#include <utility>

namespace charrnn {
namespace {

using Rules = std::vector<BrokenRule>;

void check_device(const Config& config, Rules& broken) {
  if (config.runtime.device == Device::kCuda && config.runtime.backend == BackendKind::kFused) {
    broken.push_back({"runtime.backend", "the fused kernels compute on the CPU, not on cuda",
                      "use runtime.backend = torch, or runtime.device = cpu"});
  }
}

void check_precision(const Config& config, Rules& broken) {
  const RuntimeOptions& runtime = config.runtime;
  if (runtime.precision == Precision::kFp32 || runtime.precision == Precision::kAuto) return;
  if (runtime.precision == Precision::kBf16) {
    if (runtime.device != Device::kCuda && runtime.backend != BackendKind::kTorch) return;
    broken.push_back({"runtime.precision", "only the fused kernels on a CPU compute in bf16",
                      "use runtime.backend = fused with runtime.device = cpu, or "
                      "runtime.precision = amp for a GPU"});
    return;
  }
  const bool gpu_may_train =
      runtime.backend == BackendKind::kAuto || runtime.backend == BackendKind::kTorch;
  if (runtime.device != Device::kCpu && gpu_may_train) return;
  broken.push_back({"runtime.precision", "only a GPU computes in tf32 or amp",
                    "use runtime.precision = fp32, bf16 or auto, or runtime.device = cuda"});
}

void check_limits(const Config& config, Rules& broken) {
  const TrainOptions& train = config.train;
  if (train.epochs == 0 && train.max_steps == 0 && train.max_seconds == 0.0) {
    broken.push_back({"train.epochs", "training would never end, because no limit is set",
                      "set train.epochs, train.max_steps or train.max_seconds"});
  }
}

void check_learning_rate(const Config& config, Rules& broken) {
  if (config.train.schedule.learning_rate > 0.0) return;
  broken.push_back({"train.learning_rate", "with a learning rate of 0 the network learns nothing",
                    "for example train.learning_rate = 0.001"});
}

void check_encoding(const Config& config, Rules& broken) {
  if (config.corpus.encoding == Encoding::kBytes && config.corpus.normalise != NormalForm::kNone) {
    broken.push_back({"corpus.normalise", "bytes are not characters, so they have no normal form",
                      "use corpus.normalise = none, or corpus.encoding = utf-8"});
  }
}

void check_standard_input(const Config& config, Rules& broken) {
  std::ptrdiff_t times = 0;
  for (const auto* files : {&config.corpus.files, &config.validation.files}) {
    times += std::count(files->begin(), files->end(), "-");
  }
  if (times < 2) return;
  broken.push_back({"corpus.files",
                    "standard input (-) can be read only once, by corpus.files or validation.files",
                    "leave only one -"});
}

void check_documents(const Config& config, Rules& broken) {
  if (config.corpus.documents != DocumentEnd::kSeparator || !config.corpus.separator.empty())
    return;
  broken.push_back({"corpus.separator", "corpus.documents = separator needs a separator",
                    "for example corpus.separator = \"<|endoftext|>\""});
}

void check_lengths(const Config& config, Rules& broken) {
  if (config.generate.min_length <= config.generate.length) return;
  broken.push_back({"generate.min_length", "no text has more characters than generate.length",
                    "raise generate.length"});
}

void check_records(const Config& config, Rules& broken) {
  const GenerateOptions& generate = config.generate;
  for (const auto& [key, asked] : {std::pair{"generate.unique", generate.unique},
                                   std::pair{"generate.novel", generate.novel}}) {
    if (!asked || generate.count > 0) continue;
    broken.push_back({key, "only records can be unique or novel, and generate.count asks for none",
                      "for example generate.count = 1000"});
  }
  if (generate.novel && generate.count > 0 && config.corpus.files.empty()) {
    broken.push_back({"generate.novel", "corpus.files does not name the training text to look in",
                      "use the --config of the training run, or name corpus.files"});
  }
}

}  // namespace

std::vector<BrokenRule> broken_rules(const Config& config) {
  Rules broken;
  check_device(config, broken);
  check_precision(config, broken);
  check_limits(config, broken);
  check_learning_rate(config, broken);
  check_encoding(config, broken);
  check_standard_input(config, broken);
  check_documents(config, broken);
  check_lengths(config, broken);
  check_records(config, broken);
  return broken;
}

}  // namespace charrnn
