// SPDX-License-Identifier: Apache-2.0
//
// What a new user met: crashes on wrong counts, numbers in errors that nobody typed, a trap of the C++
// interface.
#include "faults/faults.hpp"
#include "pushforward/train.hpp"

namespace pushforward::testing {
namespace {

class NewcomerFaults : public Faults {
 protected:
  void write_tiny() {
    done("train vae toy:moons:n=200 -o tiny --latent 2 --hidden 8 --likelihood gaussian:learned --epochs 1");
  }
};

// The error repeats the number as it was typed.
TEST_F(NewcomerFaults, CountsAreRefusedAsTheyWereTyped) {
  write_tiny();
  for (const auto& [command, number] :
       {std::pair{"sample tiny -o t.csv -n", "-1"},
        {"sample tiny -o t.csv -n", "-100"},
        {"sample tiny -o t.csv -n", "99999999999999999999"},
        {"interpolate tiny toy:moons:n=500 --from 0 --to 1 -o t.csv --steps", "-4"},
        {"animate toy:moons:n=50 -o a.gif --particles", "-5"},
        {"evaluate tiny toy:moons:n=100 --samples", "-4"},
        {"animate toy:moons:n=50 -o a.gif --steps", "-5"},
        {"evaluate tiny toy:moons:n=100 --importance", "-4"},
        {"manifold tiny -o a.png --grid", "-3"},
        {"interpolate tiny toy:moons:n=50 --to 1 -o t.csv --from", "-1"},
        {"animate toy:moons:n=50 -o a.gif --frames", "-5"},
        {"evaluate tiny toy:moons:n=100 --draws", "-1"},
        {"sample tiny -o t.csv -n", "abc"},
        {"sample tiny -o t.csv -n 3 --seed", "abc"},
        {"sample tiny -o t.csv -n 3 --threads", "abc"},
        {"sample tiny -o t.csv -n 3 --seed", "-1"}})
    refused(fmt::format("{} {}", command, number), number);
}

// A table is standardised whoever hands it over: as it came, or prepared.
// What is refused is what was typed, and what is advised would help.
TEST_F(NewcomerFaults, RefusalsNameWhatIsWrong) {
  write("x.npy", normal(20, 2, 1));
  for (const char* rows : {"@-1:3", "@0:99999999999999999999", "@1:-1", "@+1:3"})
    for (const char* data : {"x.npy", "toy:moons"})
      refused(fmt::format("data show {}{}", data, rows), fmt::format("'{}'", rows));
  done("data show x.npy@3:");
  write_images("img.npy", 20, 6);
  for (const char* network : {"conv 4 9223372036854775807", "maxout 5 7", "dense 3 4"}) {
    const Outcome outcome = refused(fmt::format("train ae img.npy -o r --network '{}'", network));
    EXPECT_EQ(outcome.err.find("did you mean"), std::string::npos) << outcome.err;
  }
  refused("distance toy:moons:n=30 toy:moons:n=30 -m c2st:hidden=1000000+1000000", "hidden=", 1);
}

TEST_F(NewcomerFaults, TrainTakesDataAsTheyCame) {
  std::string table = "a,b,c\n";
  const Matrix<double> x = normal(200, 3, 1);
  for (std::size_t i = 0; i < x.rows(); ++i)
    table += fmt::format("{},{},{}\n", 1000 * x(i, 0), 5 + 0.01 * x(i, 1), 300 + 50 * x(i, 2));
  write("t.csv", table);
  const Dataset data = load_data(at("t.csv"));
  const auto loss = [&](bool prepared) {
    Options options = options_of(find_model("ae"));
    options.set("latent", "2"), options.set("epochs", "3");
    pushforward::Run run = create_run("", find_model("ae"), options, data, "t.csv");
    return train(run, prepared ? prepare_data(run, data) : data, nullptr, {}).last.loss;
  };
  EXPECT_EQ(loss(false), loss(true));
}

}  // namespace
}  // namespace pushforward::testing
