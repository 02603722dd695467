#include "serve/whole_answer.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <string>

#include "serve/completion_response.h"

namespace charrnn {
namespace {

namespace json = boost::json;

// Writes an answer part by part. Of the parts that `held` has, the object knows only the place.
class Writer {
 public:
  Writer(const HeldAnswer& held, const Vocabulary& vocabulary)
      : held_(held), vocabulary_(vocabulary) {}

  // The members of `object`, where `special(name, value)` writes the value itself, or returns
  // false.
  template <typename Special>
  void object(const json::object& object, Special special) {
    char before = '{';
    for (const auto& [key, value] : object) {
      put(before + json::serialize(key) + ':');
      if (!special(std::string_view(key.data(), key.size()), value)) put(json::serialize(value));
      before = ',';
    }
    put(object.empty() ? "{}" : "}");
  }

  void choice(const json::object& choice, std::size_t from) {
    object(choice, [&](std::string_view name, const json::value& value) {
      if (name == "text") {
        text(from);
      } else if (name == "logprobs" && value.is_object()) {
        object(value.get_object(), [&](std::string_view list, const json::value&) {
          this->list(list, from);
          return true;
        });
      } else {
        return false;
      }
      return true;
    });
  }

  void list(std::string_view name, std::size_t from) {
    bool first = true;
    put("[");
    held_.read_scores(from, [&](const SymbolScore& score) {
      put((first ? "" : ",") + json::serialize(score_entry(name, score, vocabulary_)));
      first = false;
    });
    put("]");
  }

  void put(std::string_view text) {
    part_ += text;
    if (part_.size() >= HeldBytes::kInMemory / 2) body_.append(std::exchange(part_, {}));
  }

  HeldBytes finish() {
    body_.append(part_);
    return std::move(body_);
  }

 private:
  void text(std::size_t from) {
    put("\"");
    held_.read_text(from, [this](std::string_view block) {
      const std::string quoted = json::serialize(json::string_view(block.data(), block.size()));
      put(std::string_view(quoted).substr(1, quoted.size() - 2));
    });
    put("\"");
  }

  const HeldAnswer& held_;
  const Vocabulary& vocabulary_;
  std::string part_;
  HeldBytes body_;
};

}  // namespace

HeldBytes completion_bytes(const json::object& object, const HeldAnswer& held,
                           const std::vector<std::size_t>& from, const Vocabulary& vocabulary) {
  Writer writer(held, vocabulary);
  writer.object(object, [&](std::string_view name, const json::value& value) {
    if (name != "choices") return false;
    const json::array& choices = value.as_array();
    for (std::size_t i = 0; i < choices.size(); ++i) {
      writer.put(i == 0 ? "[" : ",");
      writer.choice(choices[i].as_object(), from[i]);
    }
    writer.put("]");
    return true;
  });
  return writer.finish();
}

HeldBytes score_bytes(const json::object& object, const HeldAnswer& held,
                      const Vocabulary& vocabulary) {
  Writer writer(held, vocabulary);
  writer.object(object, [&](std::string_view name, const json::value&) {
    if (name != "surprisals") return false;
    writer.list(name, 0);
    return true;
  });
  return writer.finish();
}

}  // namespace charrnn
