#include "serve/engine/dfa_matcher.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <cstring>
#include <vector>

#include "serve/engine/pattern_syntax.h"

namespace charrnn {
namespace {

// Numbers of a workspace: some 170 possibilities that are followed at once.
constexpr std::size_t kWorkspace = 1024;
constexpr std::uint32_t kDeepestGroups = 50;

constexpr std::uint32_t kCompileOptions =
    PCRE2_ANCHORED | PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;

struct FreeContext {
  void operator()(pcre2_compile_context* context) const { pcre2_compile_context_free(context); }
};
struct FreeData {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};

PCRE2_SPTR units(const std::string& text) { return reinterpret_cast<PCRE2_SPTR>(text.data()); }

std::string words_for(int code) {
  std::vector<PCRE2_UCHAR> words(256);
  pcre2_get_error_message(code, words.data(), words.size());
  return reinterpret_cast<const char*>(words.data());
}

const pcre2_code* as_code(const void* code) { return static_cast<const pcre2_code*>(code); }

}  // namespace

void DfaMatcher::Free::operator()(void* code) const {
  pcre2_code_free(static_cast<pcre2_code*>(code));
}

DfaMatcher::DfaMatcher(const std::string& pattern) {
  const std::unique_ptr<pcre2_compile_context, FreeContext> context(
      pcre2_compile_context_create(nullptr));
  pcre2_set_parens_nest_limit(context.get(), kDeepestGroups);
  int error = 0;
  PCRE2_SIZE offset = 0;
  code_.reset(pcre2_compile(units(pattern), pattern.size(), kCompileOptions, &error, &offset,
                            context.get()));
  if (!code_) throw PatternError(words_for(error));
}

// A workspace of zeros is no place that the matcher has been at.
DfaMatcher::Place DfaMatcher::start() const { return Place(kWorkspace * sizeof(int), '\0'); }

int DfaMatcher::match(Place& place, const std::string& text, std::uint32_t options) {
  thread_local const std::unique_ptr<pcre2_match_data, FreeData> kData(
      pcre2_match_data_create(1, nullptr));
  std::vector<int> workspace(kWorkspace);
  std::memcpy(workspace.data(), place.data(), place.size());
  if (place != start()) options |= PCRE2_DFA_RESTART | PCRE2_NOTBOL;
  const int result = pcre2_dfa_match(as_code(code_.get()), units(text), text.size(), 0, options,
                                     kData.get(), nullptr, workspace.data(), workspace.size());
  if (result == PCRE2_ERROR_DFA_WSSIZE) {
    throw PatternError("it has too many possibilities at once: use fewer alternatives");
  }
  const bool known = result >= 0 || result == PCRE2_ERROR_NOMATCH || result == PCRE2_ERROR_PARTIAL;
  if (!known) throw PatternError(words_for(result));
  std::memcpy(place.data(), workspace.data(), place.size());
  // A match that ends before the text does is none.
  const bool whole = result < 0 || pcre2_get_ovector_pointer(kData.get())[1] == text.size();
  return whole ? result : PCRE2_ERROR_NOMATCH;
}

// A match that nothing can follow leaves no workspace to go on from: its place is empty.
std::optional<DfaMatcher::Place> DfaMatcher::after(const Place& place, const std::string& text) {
  if (place.empty()) return std::nullopt;
  Place next = place;
  const int result = match(next, text, PCRE2_PARTIAL_HARD);
  if (result == PCRE2_ERROR_NOMATCH) return std::nullopt;
  return result == PCRE2_ERROR_PARTIAL ? next : Place();
}

bool DfaMatcher::ends(const Place& place) {
  if (place.empty()) return true;
  Place copy = place;
  return match(copy, "", PCRE2_ENDANCHORED) >= 0;
}

bool DfaMatcher::matches(const std::string& text) {
  Place place = start();
  return match(place, text, PCRE2_ENDANCHORED) >= 0;
}

}  // namespace charrnn
