#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "model/backend.h"
#include "nodes/batch_source.h"
#include "nodes/stages.h"

namespace charrnn {

/// The lanes that validation reads: min(128, floor(n / 100)) rows of windows of 100, whatever the
/// training batch, over at most `max_characters` of the range; no windows when there is too little.
Lanes validation_lanes(CharacterRange range, std::uint64_t max_characters);

/// Scores a snapshot on the validation split: zero state at the beginning, carried from window to
/// window, the tail that fills no batch dropped; the mean of the batches' losses. One validation at
/// a time, a batch a call, so that training and streams get their turns in between.
class Validator : public SnapshotScorer {
 public:
  /// `corpus`, `backend` and `stop` (may be null) are borrowed. `on_batch` (may be empty) is called
  /// before each batch. lanes.windows() must not be 0.
  Validator(const Corpus& corpus, const Lanes& lanes, const Backend& backend,
            const std::atomic<bool>* stop = nullptr, std::function<void()> on_batch = {});

  void begin(ValidationRequest request) override;
  bool advance() override;

  /// Nothing when `stop` cut the validation off.
  std::optional<ValidationResult> result() const override { return result_; }

 private:
  const Corpus& corpus_;
  Lanes lanes_;
  const Backend& backend_;
  const std::atomic<bool>* stop_;
  std::function<void()> on_batch_;
  ValidationRequest request_;
  std::unique_ptr<Scorer> scorer_;
  std::unique_ptr<BatchSource> source_;
  double loss_sum_ = 0.0;
  std::uint64_t batches_ = 0;
  double seconds_ = 0.0;
  std::optional<ValidationResult> result_;
};

}  // namespace charrnn
