// SPDX-License-Identifier: Apache-2.0
// Files that others could have prepared, or will look at: temporaries, modes, special files, hostile texts.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "io/atomic_file.hpp"
#include "io/temporary.hpp"
#include "io/toml_depth.hpp"
#include "unit/io/io_support.hpp"

namespace pushforward::io {
namespace {

namespace fs = std::filesystem;
using Draft = AtomicFile::Draft;

mode_t mode_of(const std::string& path) {
  struct stat facts {};
  EXPECT_EQ(::stat(path.c_str(), &facts), 0) << path;
  return facts.st_mode & 07777;
}

// The file mode creation mask, for the length of a test.
struct Mask {
  explicit Mask(mode_t mask) : before(::umask(mask)) {}
  Mask(const Mask&) = delete;
  Mask& operator=(const Mask&) = delete;
  ~Mask() { ::umask(before); }
  mode_t before;
};

void write_as(const std::string& path, std::string_view text, Draft draft) {
  AtomicFile file(path, draft);
  file.write(text);
  file.commit();
}

TEST(AtomicFile, FollowsNoLinkThatAnotherPutThere) {
  const TemporaryFolder folder;
  for (const Draft draft : {Draft::nameless, Draft::named}) {
    write_file(folder / "precious", "precious");
    fs::create_symlink("precious", folder / ".out.tmp");  // the name that a version before this one used
    write_as(folder / "out", "new", draft);
    EXPECT_EQ(text_of(read_file(folder / "precious")), "precious");
    EXPECT_FALSE(fs::is_symlink(folder / "out"));
    fs::remove(folder / ".out.tmp");
  }
}

TEST(AtomicFile, ANameIsNeverUsedTwice) {
  std::set<std::string> names;
  for (int i = 0; i < 100; ++i) names.insert(temporary_name("folder/out"));
  EXPECT_EQ(names.size(), 100u);
  EXPECT_TRUE(names.begin()->starts_with("folder/.out."));
  EXPECT_LE(fs::path(temporary_name(std::string(255, 'x'))).filename().string().size(), 255u);
}

TEST(AtomicFile, KeepsTheModeOfWhatItReplacesAndTheMaskElsewhere) {
  const TemporaryFolder folder;
  const Mask mask(027);
  for (const Draft draft : {Draft::nameless, Draft::named}) {
    fs::remove(folder / "a");
    write_as(folder / "a", "x", draft);
    EXPECT_EQ(mode_of(folder / "a"), 0640u);
    ::chmod((folder / "a").c_str(), 0604);
    write_as(folder / "a", "y", draft);
    EXPECT_EQ(mode_of(folder / "a"), 0604u);
    EXPECT_EQ(text_of(read_file(folder / "a")), "y");
    EXPECT_EQ(folder.names(), std::set<std::string>{"a"});
  }
  AtomicFolder draft(folder / "run");
  draft.commit();
  EXPECT_EQ(mode_of(folder / "run"), 0750u);
}

TEST(AtomicFile, WhatAKilledProcessLeftIsRemovedAndWhatALivingOneWritesIsNot) {
  const TemporaryFolder folder;
  for (const char* name : {".a.0123456789abcdef.tmp", ".ab.0123456789abcdef.tmp", ".a.tmp", ".a.txt.tmp"})
    write_file(folder / name, "x");
  fs::create_directory(folder / ".a.00000000000000ff.tmp");
  write_file(folder / ".a.00000000000000ff.tmp/inside", "x");
  AtomicFile living(folder / "a", Draft::named);
  living.write(std::string_view("living"));
  write_as(folder / "a", "other", Draft::named);
  living.commit();
  EXPECT_EQ(text_of(read_file(folder / "a")), "living");
  EXPECT_EQ(folder.names(), (std::set<std::string>{"a", ".ab.0123456789abcdef.tmp", ".a.tmp", ".a.txt.tmp"}));
  remove_all_stale(folder / "");
  EXPECT_EQ(folder.names(), (std::set<std::string>{"a", ".a.tmp", ".a.txt.tmp"}));
}

TEST(AtomicFile, OfTwoWritersTheLastOneWinsWhole) {
  const TemporaryFolder folder;
  for (const Draft draft : {Draft::nameless, Draft::named}) {
    AtomicFile first(folder / "a", draft);
    write_as(folder / "a", "second", draft);
    first.write(std::string_view("first"));
    EXPECT_EQ(text_of(read_file(folder / "a")), "second");
    first.commit();
    EXPECT_EQ(text_of(read_file(folder / "a")), "first");
  }
  EXPECT_EQ(folder.names(), std::set<std::string>{"a"});
}

// A process that is asked to end in the midst of a folder.
TEST(AtomicFolder, LeavesNothingWhenItsProcessIsAskedToEnd) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const TemporaryFolder folder;
    const pid_t child = fork();
    if (child == 0) {
      ::signal(signal, SIG_DFL);
      try {
        AtomicFolder draft(folder / "out");
        write_file(draft.path() + "/one", "1");
        raise(signal);
        draft.check_stop();
        draft.commit();
      } catch (const WorkError&) {
        _exit(7);  // not reached: the signal has its effect when the folder is gone
      }
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << status;
    EXPECT_TRUE(folder.names().empty());
  }
}

TEST(AtomicFolder, ReplacesAnotherWholeAndKeepsItsMode) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "out");
  for (const char* name : {"out/1", "out/2", "out/3"}) write_file(folder / name, "old");
  ::chmod((folder / "out").c_str(), 0700);
  {
    AtomicFolder draft(folder / "out/", AtomicFolder::Target::replaced);
    write_file(draft.path() + "/1", "new");
    draft.commit();
  }
  EXPECT_EQ(text_of(read_file(folder / "out/1")), "new");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder / "out"), {}), 1);
  EXPECT_EQ(mode_of(folder / "out"), 0700u);
  EXPECT_EQ(folder.names(), std::set<std::string>{"out"});
}

TEST(ReadFile, RefusesWhatHasNoEnd) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "x.png").c_str(), 0600), 0);
  EXPECT_COMPLAINT(read_file(folder / "x.png"), {"x.png", "a named pipe"});
  fs::create_symlink("/dev/zero", folder / "z.npy");
  EXPECT_COMPLAINT(read_file(folder / "z.npy"), {"z.npy", "a device"});
  fs::create_symlink("/dev", folder / "d.npy");
  EXPECT_COMPLAINT(read_file(folder / "d.npy"), {"d.npy", "a folder"});
}

TEST(ReadFile, ReadsAPipeThatTheProcessWasGiven) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "abc", 3), 3);
  ::close(ends[1]);
  EXPECT_EQ(text_of(read_file("/dev/fd/" + std::to_string(ends[0]))), "abc");
  ::close(ends[0]);
}

TEST(TomlDepth, RefusesDeepKeysWhereverTheyStand) {
  std::string deep;
  for (int i = 0; i < 50000; ++i) deep += "a.";
  for (const std::string& text : {deep + "a = 1", "x = 1\n[" + deep + "a]\ny = 2", "[[" + deep + "a]]",
                                  "x = {" + deep + "a = 1}", "\"k\" . " + deep + "b = '#'"})
    EXPECT_COMPLAINT(check_toml(text, "deep.toml"), {"deep.toml:", "many dots"});
  EXPECT_COMPLAINT(check_toml(std::string(2 << 20, '#'), "long.toml"), {"long.toml", "2097152 bytes"});
  for (const char* text : {"a.b.c = 1.5", "x = \"................................\" # .....................",
                           "x = '''.................\n....................''' ", "x = [1.0, 2.0, 3.0]",
                           "x = \"\\\"..................\"", "x = \"unclosed ...................\n"})
    EXPECT_NO_THROW(check_toml(text, "a.toml")) << text;
}

// Values of the specification's reference implementation.
TEST(Hash64, IsXxh64) {
  const auto of = [](std::string_view text) {
    Hash64 hash;
    hash.update(text);
    return hash.text();
  };
  EXPECT_EQ(of(""), "ef46db3751d8e999");
  EXPECT_EQ(of("a"), "d24ec4f1a98c6e5b");
  EXPECT_EQ(of("abc"), "44bc2cf5ad770999");
  EXPECT_EQ(of("Nobody inspects the spammish repetition"), "fbcea83c8a378bf1");
  std::string text;
  for (int i = 0; i < 200; ++i) text += static_cast<char>(i * 7);
  for (std::size_t cut = 0; cut <= text.size(); cut += 3) {  // in two pieces the same
    Hash64 hash;
    hash.update(text.substr(0, cut)), hash.update(text.substr(cut));
    EXPECT_EQ(hash.text(), of(text)) << cut;
  }
}

TEST(Text, ShowsWhatATerminalWouldObey) {
  EXPECT_EQ(printable("plain naïve 数 ×"), "plain naïve 数 ×");
  EXPECT_EQ(printable("a\nb\tc\x1b]0;title\x07"), "a\\nb\\tc\\x1b]0;title\\x07");
  EXPECT_EQ(printable("\xff caf\xe9 \xc3"), "\\xff caf\\xe9 \\xc3");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b31m");                                       // C1: CSI as one character
  EXPECT_EQ(printable("a\xe2\x80\xaegnp"), "a\\xe2\\x80\\xaegnp");  // right-to-left override
  EXPECT_EQ(printable("\xed\xa0\x80\xc0\xaf"), "\\xed\\xa0\\x80\\xc0\\xaf");
  EXPECT_EQ(printable_lines("a\n\tb\x1b"), "a\n\tb\\x1b");
  EXPECT_TRUE(is_utf8("é 𝛼"));
  EXPECT_FALSE(is_utf8("caf\xe9"));
  EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));
  EXPECT_STREQ(RequestError(Complaint{"a\nb\x1b", "x", "y"}).what(), "a\\nb\\x1b: got x, wanted y");
}

}  // namespace
}  // namespace pushforward::io
