#include "pipeline/config/option_semantic.h"

#include <boost/program_options/value_semantic.hpp>

#include "pipeline/config/options_table.h"
#include "pipeline/config/suggestion.h"

namespace charrnn {
namespace {

namespace bpo = boost::program_options;

// One option of the table as the library's storage sees it: the value is an any that holds the
// texts it was given as, which parse() has proven to be good.
class OptionSemantic : public bpo::value_semantic {
 public:
  OptionSemantic(const Option& option, Config* config) : option_(option), config_(config) {}

  std::string name() const override {
    const std::string value = join(write_value(option_, Config{}), " ");
    return kind_of(option_) + (value.empty() ? "" : " (=" + value + ")");
  }
  unsigned min_tokens() const override { return 1; }
  unsigned max_tokens() const override { return 1; }
  bool is_composing() const override { return false; }
  bool is_required() const override { return false; }

  void parse(boost::any& store, const std::vector<std::string>& texts, bool) const override {
    Config scratch;
    read_value(option_, texts, scratch);
    store = texts;
  }
  bool apply_default(boost::any&) const override { return false; }
  void notify(const boost::any& store) const override {
    if (config_ == nullptr) return;
    read_value(option_, boost::any_cast<const std::vector<std::string>&>(store), *config_);
  }

 private:
  const Option& option_;  // of the table, which lives as long as the program
  Config* config_;
};

}  // namespace

bpo::options_description describe_options(Config* config,
                                          const std::function<bool(const Option&)>& shown) {
  constexpr unsigned kWidth = 100;
  bpo::options_description all(kWidth, kWidth / 2);
  for (const SectionInfo& section : sections()) {
    bpo::options_description group(section.name + ": " + section.about, kWidth, kWidth / 2);
    for (const Option& option : options_table()) {
      if (option.section() != section.name || (shown && !shown(option))) continue;
      group.add_options()(option.key.c_str(), new OptionSemantic(option, config),
                          option.help.c_str());
    }
    if (!group.options().empty()) all.add(group);
  }
  return all;
}

}  // namespace charrnn
