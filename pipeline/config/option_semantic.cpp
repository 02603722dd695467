#include "pipeline/config/option_semantic.h"

#include <boost/program_options/value_semantic.hpp>

#include "pipeline/config/options_table.h"
#include "pipeline/config/suggestion.h"

namespace charrnn {
namespace {

namespace bpo = boost::program_options;

// One option of the table as the library's storage sees it: the value is an any that holds a T.
template <class T>
class FieldSemantic : public bpo::value_semantic {
 public:
  FieldSemantic(const Option& option, Field<T> field, Config* config)
      : option_(option), field_(field), config_(config) {}

  std::string name() const override {
    Config defaults;
    const std::string value = join(write_value(option_, defaults), " ");
    return kind_of(option_) + (value.empty() ? "" : " (=" + value + ")");
  }
  unsigned min_tokens() const override { return 1; }
  unsigned max_tokens() const override { return 1; }
  bool is_composing() const override { return false; }
  bool is_required() const override { return false; }

  void parse(boost::any& store, const std::vector<std::string>& texts, bool) const override {
    T value{};
    read_value(option_, texts, value);
    store = std::move(value);
  }
  bool apply_default(boost::any&) const override { return false; }
  void notify(const boost::any& store) const override {
    if (config_ != nullptr) field_(*config_) = boost::any_cast<const T&>(store);
  }

 private:
  const Option& option_;  // of the table, which lives as long as the program
  Field<T> field_;
  Config* config_;
};

template <class T>
bpo::value_semantic* make_semantic(const Option& option, Field<T> field, Config* config) {
  return new FieldSemantic<T>(option, field, config);
}

}  // namespace

bpo::options_description describe_options(Config* config) {
  constexpr unsigned kWidth = 100;
  bpo::options_description all(kWidth, kWidth / 2);
  for (const SectionInfo& section : sections()) {
    bpo::options_description group(section.name + ": " + section.about, kWidth, kWidth / 2);
    for (const Option& option : options_table()) {
      if (option.section() != section.name) continue;
      auto* semantic = std::visit([&](auto field) { return make_semantic(option, field, config); },
                                  option.field);
      group.add_options()(option.key.c_str(), semantic, option.help.c_str());
    }
    all.add(group);
  }
  return all;
}

}  // namespace charrnn
