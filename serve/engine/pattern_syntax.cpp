#include "serve/engine/pattern_syntax.h"

#include <algorithm>
#include <cctype>

#include "base/utf8.h"

namespace charrnn {
namespace {

// Escapes that stand for one character of a kind, or for one character.
constexpr std::string_view kPlainEscapes = "dDwWsShHvVNtnrfea";

class PatternReader {
 public:
  explicit PatternReader(std::string_view regex) : regex_(regex) {}

  PatternSyntax read() {
    while (at_ < regex_.size()) {
      const char c = regex_[at_];
      if (c == '(') {
        open_group();
      } else if (c == ')' || c == '|' || c == '^' || c == '$') {
        syntax_.pattern += regex_[at_++];
        if (c == ')') append_quantifier("");
      } else {
        const std::string atom = read_atom();
        syntax_.pattern += atom;
        append_quantifier(atom);
        add(atom);
      }
    }
    return std::move(syntax_);
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw PatternError(why + ", at byte " + std::to_string(at_ + 1));
  }

  bool comes(std::string_view text) const { return regex_.substr(at_).starts_with(text); }

  void add(const std::string& atom) {
    auto& atoms = syntax_.atoms;
    if (std::find(atoms.begin(), atoms.end(), atom) == atoms.end()) atoms.push_back(atom);
  }

  void open_group() {
    if (comes("(*")) fail("verbs such as (*...) are not supported");
    ++at_;
    syntax_.pattern += "(?:";
    if (comes("?:")) {
      at_ += 2;
      return;
    }
    if (!comes("?")) return;
    const bool named = comes("?<") || comes("?P<");
    const std::size_t name = regex_.find('<', at_) + 1;
    if (!named || name >= regex_.size() || regex_[name] == '=' || regex_[name] == '!') {
      fail("only groups (...), (?:...) and (?<name>...) are supported: no look-around, no options");
    }
    const std::size_t end = regex_.find('>', name);
    if (end == std::string_view::npos) fail("the name of a group does not end");
    at_ = end + 1;
  }

  std::string read_atom() {
    const std::size_t begin = at_;
    if (regex_[at_] == '[') {
      read_class();
    } else if (regex_[at_] == '\\') {
      read_escape();
    } else if (std::string_view("*+?").find(regex_[at_]) != std::string_view::npos) {
      fail("there is nothing to repeat");
    } else {
      const char* const text = regex_.data();
      const Utf8Step step = next_utf8(text + at_, text + regex_.size());
      if (!step.valid) fail("this is not valid UTF-8");
      at_ += step.length;
    }
    return std::string(regex_.substr(begin, at_ - begin));
  }

  void read_escape() {
    ++at_;
    if (at_ == regex_.size()) fail("a backslash stands at the end");
    const char c = regex_[at_++];
    if (kPlainEscapes.find(c) != std::string_view::npos) return;
    if (c == 'x' || c == 'p' || c == 'P') {
      if (comes("{")) {
        const std::size_t end = regex_.find('}', at_);
        if (end == std::string_view::npos) fail("a { has no }");
        at_ = end + 1;
      } else {
        at_ = std::min(at_ + (c == 'x' ? 2 : 1), regex_.size());
      }
      return;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || std::isalnum(byte) != 0) {
      --at_;
      fail(std::string("the escape \\") + c + " is not supported");
    }
  }

  void read_class() {
    ++at_;
    if (comes("^")) ++at_;
    if (comes("]")) ++at_;
    while (at_ < regex_.size() && regex_[at_] != ']') {
      if (regex_[at_] == '\\') {
        read_escape();
      } else if (comes("[:")) {
        const std::size_t end = regex_.find(":]", at_);
        at_ = end == std::string_view::npos ? at_ + 1 : end + 2;
      } else {
        ++at_;
      }
    }
    if (at_ == regex_.size()) fail("a [ has no ]");
    ++at_;
  }

  // The text of a quantifier that begins here; empty when there is none.
  std::string_view quantifier() const {
    const std::string_view rest = regex_.substr(at_);
    if (rest.empty()) return {};
    if (rest[0] == '*' || rest[0] == '+' || rest[0] == '?') return rest.substr(0, 1);
    if (rest[0] != '{') return {};
    std::size_t end = 1;
    const auto digits = [&] {
      const std::size_t first = end;
      while (end < rest.size() && std::isdigit(static_cast<unsigned char>(rest[end])) != 0) ++end;
      return end > first;
    };
    if (!digits()) return {};
    if (end < rest.size() && rest[end] == ',') {
      ++end;
      digits();
    }
    return end < rest.size() && rest[end] == '}' ? rest.substr(0, end + 1) : std::string_view();
  }

  // `atom`: what it repeats, when that is one character.
  void append_quantifier(const std::string& atom) {
    const std::string_view text = quantifier();
    if (text.empty()) return;
    at_ += text.size();
    if (comes("+")) fail("possessive quantifiers are not supported");
    if (comes("?")) ++at_;  // which match is found first makes no difference
    if (!atom.empty() && text == "+") {
      syntax_.pattern += atom + "*";
    } else if (!atom.empty() && text.ends_with(",}")) {
      syntax_.pattern += std::string(text.substr(0, text.size() - 2)) + "}" + atom + "*";
    } else {
      syntax_.pattern += text;
    }
    if (!quantifier().empty()) fail("two quantifiers follow each other");
  }

  std::string_view regex_;
  std::size_t at_ = 0;
  PatternSyntax syntax_;
};

}  // namespace

PatternSyntax read_pattern(std::string_view regex) { return PatternReader(regex).read(); }

}  // namespace charrnn
