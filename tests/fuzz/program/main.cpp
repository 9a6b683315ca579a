// SPDX-License-Identifier: Apache-2.0
//
// Fuzzes the whole program from outside: files of every kind and the words of every command are mutated, and
// what the program does is judged (verdict.hpp). A run has nothing to do with the run before it: run i is a
// function of i.
//
//   pushforward_program_fuzz PROGRAM [--runs N | --seconds S] [--from I] [--work FOLDER]
//
// Prints what was found, a line each, with the run's number and its command; exits with 1 where anything was.
// `--from I
// --runs 1` repeats one.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>

#include <unistd.h>

#include <fmt/format.h>

#include "io/atomic_file.hpp"
#include "mutate.hpp"
#include "program/corpus.hpp"
#include "support/verdict.hpp"

namespace pushforward::fuzz {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using testing::Outcome;
using testing::run_limited;
using testing::verdict;

constexpr double kMostSeconds = 30;            // of processor time
constexpr std::uint64_t kLegitimate = 10'000;  // a count from which work may be long, and rightly so

struct Arguments {
  std::string program, work;
  std::uint64_t runs = 20'000, from = 0;
  double seconds = 1e9;
};

struct Trial {
  Words words;
  std::string file{};  // that was changed, or none
};

// A folder like the corpus, made anew where a run may have changed it.
class Workshop {
 public:
  explicit Workshop(const Arguments& arguments)
      : corpus_(arguments.work + "/corpus"), now_(arguments.work + "/now") {
    write_corpus(corpus_, arguments.program);
  }
  const std::string& fresh() {
    fs::remove_all(now_);
    fs::copy(corpus_, now_, fs::copy_options::recursive);
    return now_;
  }
  io::Bytes file(const std::string& name) const { return io::read_file(corpus_ + "/" + name); }
  std::string text(const Trial& trial) const { return fmt::format("{} {}", now_, trial.file); }

 private:
  std::string corpus_, now_;
};

io::Bytes bytes_from(const std::string& text) { return {text.begin(), text.end()}; }

// Its first number becomes another one that may well be right.
void mutate_number(std::string& word, Dice& dice) {
  const std::size_t at = word.find_first_of("0123456789");
  if (at == std::string::npos) return;
  const std::size_t end = std::min(word.find_first_not_of("0123456789", at), word.size());
  word = fmt::format("{}{}{}", word.substr(0, at), dice.below(40), word.substr(end));
}

// One word becomes a hostile one, is mutated byte by byte (behind its "key=", too), goes, comes twice, or
// comes from another command.
void mutate_words(Words& words, Dice& dice) {
  const std::size_t at = dice.below(words.size()), kind = dice.below(14);
  const std::size_t equals = words[at].find_last_of("=:,@");
  if (kind > 9) {
    for (std::string& word : words)
      if (dice.below(3) == 0) mutate_number(word, dice);
  } else if (kind < 3) {
    words[at] = dice.one_of(hostile_words());
  } else if (kind < 5 && equals != std::string::npos) {
    words[at] = words[at].substr(0, equals + 1) + dice.one_of(hostile_words());
  } else if (kind < 8) {
    io::Bytes bytes = bytes_from(words[at]);
    const Words& other = dice.one_of(good_commands());
    if (!bytes.empty()) mutate_once(bytes, {bytes_from(dice.one_of(other)), bytes}, dice);
    words[at].assign(bytes.begin(), bytes.end());
    std::erase(words[at], '\0');  // no program is given such a word
  } else if (kind == 8) {
    const Words& other = dice.one_of(good_commands());
    words.insert(words.begin() + static_cast<std::ptrdiff_t>(at), dice.one_of(other));
  } else if (words.size() > 1) {
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

// A word that leads out of the folder is none of this fuzzer's: it must not write there.
bool leads_away(const std::string& word) {
  return word.find("..") != std::string::npos || word.find("fetch") != std::string::npos ||
         (word.find('/') != std::string::npos && word.find("png/") == std::string::npos &&
          word != "/dev/null");
}

Trial words_trial(Dice& dice) {
  Trial trial{dice.one_of(good_commands())};
  for (std::size_t k = dice.below(4) == 0 ? 2 : 1; k > 0; --k) mutate_words(trial.words, dice);
  for (std::string& word : trial.words)
    if (leads_away(word)) word = "x.npy";
  return trial;
}

Trial file_trial(const Workshop& shop, const std::string& folder, Dice& dice) {
  const FileKind& kind = dice.one_of(file_kinds());
  Trial trial{dice.one_of(kind.readers), kind.name};
  for (std::string& word : trial.words)
    if (const std::size_t at = word.find("FILE"); at != std::string::npos) word.replace(at, 4, kind.name);
  const io::Bytes good = shop.file(kind.name);
  io::Bytes bytes = good;
  for (std::size_t k = dice.below(3) + 1; k > 0; --k)
    if (bytes.empty())
      bytes = {0};
    else
      mutate_once(bytes, {good, shop.file("x.npy"), shop.file("t.csv")}, dice);
  io::write_file(folder + "/" + kind.name, io::text_of(bytes));
  return trial;
}

// Whether something was asked for that takes long by right: a toy of a million rows, 100000 epochs.
bool asks_for_much(const Trial& trial) {
  for (const std::string& word : trial.words)
    for (std::size_t i = 0; i < word.size(); ++i) {
      std::uint64_t number = 0;
      while (i < word.size() && word[i] >= '0' && word[i] <= '9' && number < kLegitimate)
        number = number * 10 + static_cast<std::uint64_t>(word[i++] - '0');
      if (number >= kLegitimate) return true;
    }
  return trial.file == "o.toml" || trial.file == "run/config.toml";
}

std::string quoted(const Words& words) {
  std::string text;
  for (const std::string& word : words) {
    std::string plain;
    for (const char c : word.substr(0, 80))
      plain += (static_cast<unsigned char>(c) < 0x20 || c == '\'' || c == 0x7F) ? fmt::format("\\x{:02x}", c)
                                                                                : std::string(1, c);
    text += fmt::format(" '{}{}'", plain, word.size() > 80 ? "…" : "");
  }
  return text;
}

struct Tally {
  std::uint64_t runs = 0, long_by_right = 0;
  std::map<std::string, int> found{}, statuses{};
};

void one_run(Workshop& shop, const Arguments& arguments, std::uint64_t i, Tally& tally) {
  Dice dice(i);
  const std::string& folder = shop.fresh();
  const Trial trial = dice.below(3) == 0 ? file_trial(shop, folder, dice) : words_trial(dice);
  const Outcome outcome = run_limited(arguments.program, trial.words, folder, kMostSeconds);
  ++tally.runs, ++tally.statuses[std::to_string(outcome.status)];
  const std::string wrong = verdict(outcome);
  if (wrong.empty()) return;
  if (outcome.late && asks_for_much(trial)) return void(++tally.long_by_right);
  ++tally.found[wrong];
  std::printf("run %llu: %s: %s:%s\n    %s\n", static_cast<unsigned long long>(i), wrong.c_str(),
              trial.file.c_str(), quoted(trial.words).c_str(), quoted({outcome.err.substr(0, 300)}).c_str());
  std::fflush(stdout);
}

// What is mutated is good to begin with: else most mutations would be refused for its fault.
int bad_beginnings(Workshop& shop, const Arguments& arguments) {
  int bad = 0;
  for (const Words& words : good_commands()) {
    const Outcome outcome = run_limited(arguments.program, words, shop.fresh(), 10 * kMostSeconds);
    if (outcome.status == 0 && verdict(outcome).empty()) continue;
    std::printf("a good command: status %d:%s\n    %s\n", outcome.status, quoted(words).c_str(),
                outcome.err.c_str());
    ++bad;
  }
  return bad;
}

int fuzz(const Arguments& arguments) {
  Workshop shop(arguments);
  Tally tally;
  if (bad_beginnings(shop, arguments) > 0) return 1;
  const auto end = Clock::now() + std::chrono::duration<double>(arguments.seconds);
  for (std::uint64_t i = arguments.from; i < arguments.from + arguments.runs && Clock::now() < end; ++i)
    one_run(shop, arguments, i, tally);
  std::printf("%llu runs from %llu; long by right %llu; statuses",
              static_cast<unsigned long long>(tally.runs), static_cast<unsigned long long>(arguments.from),
              static_cast<unsigned long long>(tally.long_by_right));
  for (const auto& [status, count] : tally.statuses) std::printf(" %s×%d", status.c_str(), count);
  std::printf("; found");
  for (const auto& [wrong, count] : tally.found) std::printf(" [%s]×%d", wrong.c_str(), count);
  std::printf("%s\n", tally.found.empty() ? " nothing" : "");
  return tally.found.empty() ? 0 : 1;
}

Arguments read(int argc, char** argv) {
  Arguments arguments;
  const fs::path own = fs::temp_directory_path() / fmt::format("pushforward-fuzz-{}", ::getpid());
  arguments.program = argc > 1 ? fs::absolute(argv[1]).string() : "", arguments.work = own.string();
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string name = argv[i], value = argv[i + 1];
    if (name == "--runs") arguments.runs = std::stoull(value);
    if (name == "--from") arguments.from = std::stoull(value);
    if (name == "--seconds") arguments.seconds = std::stod(value);
    if (name == "--work") arguments.work = fs::absolute(value).string();
  }
  return arguments;
}

}  // namespace
}  // namespace pushforward::fuzz

int main(int argc, char** argv) {
  const pushforward::fuzz::Arguments arguments = pushforward::fuzz::read(argc, argv);
  const int status = pushforward::fuzz::fuzz(arguments);
  if (status == 0) std::filesystem::remove_all(arguments.work);
  return status;
}
