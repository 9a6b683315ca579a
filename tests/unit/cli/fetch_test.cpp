// SPDX-License-Identifier: Apache-2.0
// Other programs that `data fetch` runs, and names that it does not know.
#include <gtest/gtest.h>

#include "../apps/cli/fetch.hpp"
#include "../apps/cli/process.hpp"
#include "pushforward/error.hpp"
#include "unit/io/io_support.hpp"

namespace pushforward::cli {
namespace {

TEST(Process, RunsWithoutAShell) {
  const Finished echo = run_program({"echo", "$HOME; a  b"}, "/", "");
  EXPECT_EQ(echo.status, 0);
  EXPECT_EQ(echo.output, "$HOME; a  b\n");
  EXPECT_EQ(run_program({"pwd"}, "/", "").output, "/\n");
  EXPECT_EQ(run_program({"cat"}, "/", "").output, "");
  EXPECT_NE(run_program({"false"}, "/", "").status, 0);
}

TEST(Process, SaysWhatIsMissing) {
  try {
    run_program({"no-such-program-here"}, "/", "install it");
    FAIL();
  } catch (const WorkError& error) {
    EXPECT_STREQ(
        error.what(),
        "no-such-program-here: got No such file or directory, wanted a program that runs; install it");
  }
  EXPECT_THROW(run_checked({"ls", "/nonexistent"}, "/", ""), WorkError);
}

TEST(Fetch, NamesTheNearestSet) { EXPECT_COMPLAINT(fetch_data("mnits"), {"did you mean 'mnist'"}); }

}  // namespace
}  // namespace pushforward::cli
