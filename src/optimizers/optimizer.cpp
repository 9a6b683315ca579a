// SPDX-License-Identifier: Apache-2.0
//
// Optimisers: which moments each keeps, and its factors at a step; the sweeps are in ops/sweep_kernels.cpp.
//
//   sgd      momentum [Polyak 1964], Nesterov's form [Sutskever, Martens, Dahl & Hinton, ICML 2013]; it may
//            go from `momentum` to `later` along a line over `over` updates after the first `from`, or (0)
//            jump
//   rmsprop  [Tieleman & Hinton, lecture 6.5, 2012]
//   adagrad  [Duchi, Hazan & Singer, JMLR 12, 2011]
//   adam     [Kingma & Ba, ICLR 2015], adamw [Loshchilov & Hutter, ICLR 2019]: decay beside the gradient
//
// A large arena is swept in pieces of fixed length, shared among threads; the pieces' square sums are added
// in order, so that the norm does not depend on the number of threads.
#include "pushforward/optimizer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ops/sweep_kernels.hpp"
#include "pushforward/error.hpp"
#include "pushforward/option_table.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kPiece = 8192;  // elements of a piece
constexpr std::size_t kGrain = 8;     // pieces that are worth a thread

// Σ over pieces of piece(begin, count), in order of pieces.
template <class Piece>
double sum_pieces(std::size_t n, Matrix<double>& sums, const Piece& piece) {
  const std::size_t pieces = (n + kPiece - 1) / kPiece;
  sums.resize(1, pieces);
  parallel_for(pieces, kGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t p = begin; p < end; ++p)
      sums.data()[p] = piece(p * kPiece, std::min(kPiece, n - p * kPiece));
  });
  return std::accumulate(sums.data(), sums.data() + pieces, 0.0);
}

class Rule : public Optimizer {
 public:
  Rule(std::size_t size, double weight_decay, std::span<const float> decays) : decay_(weight_decay) {
    if (!decays.empty() && decays.size() != size)
      throw RequestError(Complaint{"optimizer", std::to_string(decays.size()) + " decay flags",
                                   std::to_string(size) + ", or none"});
    if (weight_decay == 0 || decays.empty()) return;
    decays_.resize(1, size);
    std::copy(decays.begin(), decays.end(), decays_.data());
  }

  double step(View<float> values, View<float> gradients, double rate, double gradient_scale,
              std::uint64_t step) override {
    prepare(rate, step);
    const double squares = sum_pieces(gradients.size(), sums_, [&](std::size_t begin, std::size_t count) {
      return piece({.values = values.data + begin,
                    .gradients = gradients.data + begin,
                    .first = at(first_, begin),
                    .second = at(second_, begin),
                    .decays = at(decays_, begin),
                    .gradient_scale = static_cast<float>(gradient_scale),
                    .decay = static_cast<float>(decay_)},
                   count);
    });
    return std::sqrt(squares);
  }

 protected:
  // Fixes the factors of this step, then handles pieces of it.
  virtual void prepare(double rate, std::uint64_t step) = 0;
  virtual double piece(const vectors::Sweep& sweep, std::size_t count) const = 0;

  double decay_;
  Tensor first_, second_, decays_;

 private:
  static float* at(Tensor& t, std::size_t begin) { return t.empty() ? nullptr : t.data() + begin; }
  Matrix<double> sums_;
};

class Sgd : public Rule {
 public:
  Sgd(const SgdOptions& options, std::size_t size, double weight_decay, std::span<const float> decays)
      : Rule(size, weight_decay, decays),
        options_(options),
        later_(options.later.value_or(options.momentum)) {
    if (options.momentum > 0 || later_ > 0) first_ = Tensor(1, size);
  }
  std::vector<std::pair<std::string, View<float>>> state() override {
    if (first_.empty()) return {};
    return {{"momentum", first_.view()}};
  }

 private:
  void prepare(double rate, std::uint64_t step) override {
    rate_ = static_cast<float>(rate);
    const double past = static_cast<double>(step - 1) - static_cast<double>(options_.from);
    const auto over = static_cast<double>(options_.over);
    const double risen = past < 0 ? 0 : over > 0 ? std::min(1.0, past / over) : 1;
    now_ = static_cast<float>(options_.momentum + risen * (later_ - options_.momentum));
  }
  double piece(const vectors::Sweep& sweep, std::size_t count) const override {
    return vectors::sgd(sweep, rate_, now_, options_.nesterov, count);
  }
  SgdOptions options_;
  double later_;
  float rate_ = 0, now_ = 0;
};

class RmsProp : public Rule {
 public:
  RmsProp(const RmspropOptions& options, std::size_t size, double weight_decay, std::span<const float> decays)
      : Rule(size, weight_decay, decays), rho_(options.decay), epsilon_(options.eps) {
    second_ = Tensor(1, size);
  }
  std::vector<std::pair<std::string, View<float>>> state() override { return {{"second", second_.view()}}; }

 private:
  void prepare(double rate, std::uint64_t) override { rate_ = static_cast<float>(rate); }
  double piece(const vectors::Sweep& sweep, std::size_t count) const override {
    return vectors::rmsprop(sweep, rate_, static_cast<float>(rho_), static_cast<float>(1 - rho_),
                            static_cast<float>(epsilon_), count);
  }
  double rho_, epsilon_;
  float rate_ = 0;
};

class Adagrad : public Rule {
 public:
  Adagrad(const AdagradOptions& options, std::size_t size, double weight_decay, std::span<const float> decays)
      : Rule(size, weight_decay, decays), epsilon_(options.eps) {
    second_ = Tensor(1, size);
  }
  std::vector<std::pair<std::string, View<float>>> state() override { return {{"second", second_.view()}}; }

 private:
  void prepare(double rate, std::uint64_t) override { rate_ = static_cast<float>(rate); }
  double piece(const vectors::Sweep& sweep, std::size_t count) const override {
    return vectors::adagrad(sweep, rate_, static_cast<float>(epsilon_), count);
  }
  double epsilon_;
  float rate_ = 0;
};

class Adam : public Rule {
 public:
  // Of adam or adamw.
  template <class AnyOptions>
  Adam(const AnyOptions& options, std::size_t size, double weight_decay, std::span<const float> decays)
      : Rule(size, weight_decay, decays),
        beta1_(options.beta1),
        beta2_(options.beta2),
        epsilon_(options.eps),
        decoupled_(std::is_same_v<AnyOptions, AdamWOptions>) {
    first_ = Tensor(1, size), second_ = Tensor(1, size);
  }
  std::vector<std::pair<std::string, View<float>>> state() override {
    return {{"first", first_.view()}, {"second", second_.view()}};
  }

 private:
  void prepare(double rate, std::uint64_t step) override {
    const auto t = static_cast<double>(step);
    factors_ = {.beta1 = static_cast<float>(beta1_),
                .beta2 = static_cast<float>(beta2_),
                .epsilon = static_cast<float>(epsilon_),
                .rest1 = static_cast<float>(1 - beta1_),
                .rest2 = static_cast<float>(1 - beta2_),
                .rate = static_cast<float>(rate / (1 - std::pow(beta1_, t))),
                .second_scale = static_cast<float>(1 / std::sqrt(1 - std::pow(beta2_, t))),
                .decoupled = decoupled_,
                .shrink = static_cast<float>(rate * decay_)};
  }
  double piece(const vectors::Sweep& sweep, std::size_t count) const override {
    return vectors::adam(sweep, factors_, count);
  }
  double beta1_, beta2_, epsilon_;
  bool decoupled_;
  vectors::AdamFactors factors_{};
};

// The class that an optimizer's options are of.
template <class T>
struct RuleOf {
  using type = Adam;
};
template <>
struct RuleOf<SgdOptions> {
  using type = Sgd;
};
template <>
struct RuleOf<RmspropOptions> {
  using type = RmsProp;
};
template <>
struct RuleOf<AdagradOptions> {
  using type = Adagrad;
};

template <class T>
OptionTable<T> adam_table(const char* name) {
  return OptionTable<T>(name)
      .add("beta1", &T::beta1, "share of the past in the mean of gradients", number_of(0, 1))
      .add("beta2", &T::beta2, "share of the past in the mean of their squares", number_of(0, 1))
      .add("eps", &T::eps, "added to the root of that mean", positive_number());
}

void check_nesterov(const SgdOptions& options, const std::string& name) {
  if (options.nesterov && options.momentum == 0)
    throw RequestError(
        Complaint{name + ":nesterov", "no momentum", "a momentum above 0", "add momentum=0.9"});
}

}  // namespace

const OptionTable<AdamOptions>& option_table(const AdamOptions&) {
  static const auto table = adam_table<AdamOptions>("adam");
  return table;
}

const OptionTable<AdamWOptions>& option_table(const AdamWOptions&) {
  static const auto table = adam_table<AdamWOptions>("adamw");
  return table;
}

const OptionTable<SgdOptions>& option_table(const SgdOptions&) {
  static const auto table =
      OptionTable<SgdOptions>("sgd")
          .add("momentum", &SgdOptions::momentum, "share of the last update", number_of(0, 1))
          .add("later", &SgdOptions::later, "what momentum rises to", number_of(0, 1))
          .shown("momentum")
          .add("from", &SgdOptions::from, "updates before it rises", count_of())
          .add("over", &SgdOptions::over, "updates of the rise; 0 = a jump", count_of())
          .add("nesterov", &SgdOptions::nesterov, "the gradient at the point that momentum leads to",
               yes_or_no())
          .also(check_nesterov);
  return table;
}

const OptionTable<RmspropOptions>& option_table(const RmspropOptions&) {
  static const auto table =
      OptionTable<RmspropOptions>("rmsprop")
          .add("decay", &RmspropOptions::decay, "share of the past in the mean of squares", number_of(0, 1))
          .add("eps", &RmspropOptions::eps, "added to its root", positive_number());
  return table;
}

const OptionTable<AdagradOptions>& option_table(const AdagradOptions&) {
  static const auto table = OptionTable<AdagradOptions>("adagrad").add(
      "eps", &AdagradOptions::eps, "added to the root of the sum of squares", positive_number());
  return table;
}

const OptionChoice<OptimizerOptions>& optimizers() {
  static const OptionChoice<OptimizerOptions> choice("optimizer");
  return choice;
}

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, std::size_t size,
                                          double weight_decay, std::span<const float> decays) {
  optimizers().check(options);
  return std::visit(
      [&]<class T>(const T& o) -> std::unique_ptr<Optimizer> {
        return std::make_unique<typename RuleOf<T>::type>(o, size, weight_decay, decays);
      },
      options);
}

std::unique_ptr<Optimizer> make_optimizer(const Spec& spec, std::size_t size, double weight_decay,
                                          std::span<const float> decays) {
  return make_optimizer(optimizers().read(spec), size, weight_decay, decays);
}

double norm(View<const float> values) {
  thread_local Matrix<double> sums;  // room only: grows to the largest arena, then stays
  return std::sqrt(sum_pieces(values.size(), sums, [&](std::size_t begin, std::size_t count) {
    return vectors::square_sum(values.data + begin, count);
  }));
}

void exponential_average(View<float> average, View<const float> values, double decay) {
  const auto share = static_cast<float>(1 - decay);
  parallel_for(average.size(), kPiece * kGrain, [&](std::size_t begin, std::size_t end) {
    vectors::average(average.data + begin, values.data + begin, share, end - begin);
  });
}

}  // namespace pushforward
