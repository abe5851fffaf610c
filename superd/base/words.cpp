// SPDX-License-Identifier: MIT
// One character after another, with the quotes that are open as the place in the code.
#include "superd/base/words.hpp"

#include <utility>

namespace superd {
namespace {

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  Result<std::vector<std::string>> split() {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == ' ' || c == '\t' || c == '\n') {
        end_word();
      } else if (c == '\'') {
        if (!single_quotes()) return Error{"close the single quote"};
      } else if (c == '"') {
        if (!double_quotes()) return Error{"close the double quote"};
      } else if (c == '\\') {
        if (at_ == text_.size()) return Error{"remove the backslash at the end, or double it"};
        backslash();
      } else {
        add(c);
      }
    }
    end_word();
    return std::move(words_);
  }

 private:
  void add(char c) {
    word_ += c;
    in_word_ = true;
  }

  void end_word() {
    if (in_word_) words_.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
  }

  void backslash() {
    const char c = text_[at_++];
    if (c != '\n') add(c);  // backslash and newline: the line goes on
  }

  bool single_quotes() {
    const std::size_t end = text_.find('\'', at_);
    if (end == std::string_view::npos) return false;
    word_ += text_.substr(at_, end - at_);
    in_word_ = true;  // '' is a word too
    at_ = end + 1;
    return true;
  }

  bool double_quotes() {
    in_word_ = true;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (c == '\\' && at_ < text_.size() && escapes_in_double_quotes(text_[at_])) {
        backslash();
      } else {
        add(c);
      }
    }
    return false;
  }

  static bool escapes_in_double_quotes(char c) {
    return c == '$' || c == '`' || c == '"' || c == '\\' || c == '\n';
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string word_;
  bool in_word_ = false;
  std::vector<std::string> words_;
};

}  // namespace

Result<std::vector<std::string>> split_words(std::string_view text) {
  return Splitter(text).split();
}

}  // namespace superd
