// SPDX-License-Identifier: Apache-2.0
//
// Parallel lines: which distances lead a generator to data that it does not yet touch?
//
// The data are uniform on {0}×[0,1], the generator has one parameter and makes (θ, u), u ~ U(0,1) [Arjovsky,
// Chintala & Bottou, "Wasserstein GAN", 2017, Example 1]. For every θ ≠ 0 the two do not overlap: KL is ∞,
// the Jensen–Shannon divergence ln 2, flat in θ; W₁ is |θ|. So a discriminator that has been trained well
// tells the generator nothing, in its minimax form, while a Lipschitz critic, whose slope is 1 everywhere,
// leads θ straight to 0, and so does a kernel that is wide enough to see both lines.
//
// The model is written here, from the public headers alone: any class with parameters and phases is trained
// by the one loop, and any Distance is a plug. θ descends by plain SGD, so that the gradient's size shows.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "pushforward/critic.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/models.hpp"

using namespace pushforward;

namespace {

constexpr float kStart = 1.5f;

class Line : public Model, public Learner {
 public:
  explicit Line(const Spec& distance)
      : distance_(make_distance(distance)), critic_(distance_->critic({.width = 2}, 1)) {
    theta_.name = "theta", theta_.rows = theta_.cols = 1;
    theta_.initial = ConstantInitial{kStart};
  }

  std::vector<Parameter*> parameters() override {
    std::vector<Parameter*> all = critic_ ? critic_->parameters() : std::vector<Parameter*>{};
    all.push_back(&theta_);
    return all;
  }
  std::vector<Phase> phases() override {
    const Phase generator{.name = "generator", .parameters = {&theta_}};
    if (!critic_) return {generator};
    return {{.name = "critic",
             .repeats = 10,
             .parameters = critic_->parameters(),
             .optimizer = AdamOptions{.beta1 = 0.5, .beta2 = 0.9},
             .rate = 0.002},
            generator};
  }

  Losses accumulate(std::size_t phase, View<const float> batch, const Step& step) override {
    make_points(batch.rows, step);
    gradient_.resize(batch.rows, 2), exact_.resize(batch.rows, 2);
    if (critic_ && phase == 0) return critic_->accumulate(batch, points_, step.pass);
    Losses losses;
    if (critic_) {
      losses.loss = critic_->generator_loss(points_, gradient_, step.pass);
    } else {
      losses.loss = *distance_->measure({std::as_const(points_).view()}, {batch}, {exact_, {}}).value;
      for (std::size_t i = 0; i < exact_.size(); ++i)
        gradient_.data()[i] = static_cast<float>(exact_.data()[i]);
    }
    for (std::size_t i = 0; i < points_.rows(); ++i) theta_.gradient(0, 0) += gradient_(i, 0);
    return losses;
  }
  // The generator's loss, on rows that nobody learns from.
  Losses validate(View<const float> batch, const Step& step) override {
    make_points(batch.rows, step);
    const View<const float> points = std::as_const(points_).view();
    return {.loss = critic_ ? critic_->generator_loss(points, {}, step.pass)
                            : *distance_->measure({points}, {batch}).value};
  }
  void after_step(std::size_t phase) override {
    if (critic_ && phase == 0) critic_->after_step();
  }
  double theta() const { return static_cast<double>(theta_.value(0, 0)); }

 private:
  void make_points(std::size_t rows, const Step& step) {
    points_.resize(rows, 2);
    fill_uniform(points_.span(), step.pass.draw.on("line").at(step.step * 11 + step.repeat));
    for (std::size_t i = 0; i < points_.rows(); ++i) points_(i, 0) = theta_.value(0, 0);
  }

  std::unique_ptr<Distance> distance_;
  std::unique_ptr<Critic> critic_;
  Parameter theta_;
  Tensor points_, gradient_;
  Matrix<double> exact_;
};

// θ after every 50 steps.
double learn(const std::string& title, const std::string& distance) {
  ModelEntry entry = find_model("generator");  // for its options
  entry.settle = {}, entry.settle_on = {};
  entry.make = [&](const Options&, RowShape) { return std::make_unique<Line>(parse_spec(distance)); };
  const GeneratorOptions options = {
      .training = {.steps = 300, .batch = 64, .rate = 0.02, .optimizer = SgdOptions{}, .threads = 1}};
  const Dataset data = load_data("toy:lines:theta=0,n=6400");
  Run run = create_run("", entry, option_table(options).options(options), data, data.name);
  const auto& line = dynamic_cast<const Line&>(*run.model);
  std::printf("%-28s %6.3f", title.c_str(), line.theta());
  train(run, data, nullptr, [&](const Progress& progress) {
    if (!progress.epoch_end && progress.step % 50 == 0) std::printf(" %6.3f", line.theta());
    return Continue::yes;
  });
  std::printf("\n");
  return std::abs(line.theta());
}

}  // namespace

int main() {
  std::printf("theta at step                     0     50    100    150    200    250    300\n");
  const std::string network = "hidden=64+64,activation=relu";
  const double discriminator = learn("discriminator, minimax", "jsd-critic:loss=minimax," + network),
               narrow = learn("MMD, bandwidth 0.1", "mmd:estimator=biased,bandwidth=0.1"),
               wide = learn("MMD, bandwidth 1", "mmd:estimator=biased,bandwidth=1"),
               critic = learn("Wasserstein critic", "w1-critic:lipschitz=penalty+10," + network),
               exact = learn("W1, exact", "w1");
  const bool as_it_should_be =
      discriminator > 0.5 * kStart && narrow > 0.9 * kStart && wide < 0.2 && critic < 0.3 && exact < 0.1;
  return as_it_should_be ? EXIT_SUCCESS : EXIT_FAILURE;
}
