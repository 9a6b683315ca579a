// SPDX-License-Identifier: Apache-2.0
// The table: what is meant, and the words that people use for it. One word may stand in several rows; the
// first row whose word is valid where it was typed is the one that was meant.
#include "core/synonyms.hpp"

#include <algorithm>
#include <array>

#include "core/unknown_word.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

struct Row {
  std::string_view meant, others;  // one word, with options where it means them; several
};

constexpr std::array kRows = {
    // Options.
    Row{"rate", "lr, learning-rate, eta, step-size, lrate"},
    Row{"batch", "batch-size, bs, minibatch, minibatch-size"},
    Row{"level", "alpha, significance, significance-level, sig-level"},
    Row{"epochs", "n-epochs, num-epochs, max-epochs, passes"},
    Row{"steps",
        "iterations, iters, n-iter, n-iters, num-iterations, max-iter, max-steps, num-steps, n-steps, "
        "updates"},
    Row{"hidden",
        "hidden-layers, hidden-dim, hidden-dims, hidden-size, hidden-sizes, hidden-units, layer-sizes"},
    Row{"latent",
        "latent-dim, latent-size, latent-dims, z-dim, z-size, code-size, bottleneck, n-components, "
        "components, n-latent, nz"},
    Row{"clip-norm", "grad-clip, clip-grad, clip-grad-norm, gradient-clipping, max-grad-norm"},
    Row{"weight-decay", "wd, l2-reg, l2-regularization"},
    Row{"validation", "val, val-split, validation-split, valid-set, valid-fraction, holdout"},
    Row{"patience", "early-stopping, early-stop"},
    Row{"optimizer", "opt, optim, optimiser"},
    Row{"schedule", "scheduler, lr-schedule, lr-scheduler, lr-decay"},
    Row{"seed", "random-state, random-seed, rng-seed"},
    Row{"threads", "jobs, n-jobs, num-threads, n-threads, num-workers, workers"},
    Row{"output", "out, out-dir, output-dir, out-file, save-dir, save-to"},
    Row{"force", "overwrite, replace"},
    Row{"quiet", "silent, no-progress"},
    Row{"metrics", "metric, distance, distances"},
    Row{"metric", "metrics, distance"},
    Row{"permutations", "n-permutations, num-permutations, n-perm, perms"},
    Row{"count", "num, n-samples, num-samples, samples, number"},
    Row{"samples", "n-samples, num-samples, count"},
    Row{"standardize", "standardise, scale, z-score, standard-scaler"},
    Row{"grey", "gray, grayscale, greyscale"},
    Row{"label-column", "target, target-column, label-col, labels-column, class-column"},
    Row{"condition", "conditional, cond, class-conditional, context"},
    Row{"network", "arch, architecture, backbone"},
    Row{"initial", "initialization, initialisation, initializer, weight-init"},
    Row{"eps", "epsilon, reg, regularization, regularisation, blur"},
    Row{"bandwidth", "sigma, length-scale, kernel-width"},
    Row{"k", "n-neighbors, neighbors, nearest-k"},
    // Distances and divergences.
    Row{"kl", "kld, kl-div, kl-divergence, kullback-leibler, relative-entropy"},
    Row{"kl-knn", "kl, kld, kl-div, kl-divergence, kullback-leibler, relative-entropy"},
    Row{"reverse-kl", "rkl, kl-reverse, reversed-kl"},
    Row{"frechet", "fid, frechet-distance, frechet-inception-distance, fd"},
    Row{"w1",
        "emd, earth-mover, earth-movers, earth-mover-distance, earth-movers-distance, wasserstein, "
        "wasserstein-1, wasserstein-distance, kantorovich"},
    Row{"w2", "wasserstein-2, ot, optimal-transport"},
    Row{"w", "wasserstein-p"},
    Row{"sliced", "swd, sw, sliced-wasserstein"},
    Row{"max-sliced", "max-sliced-wasserstein, max-sw"},
    Row{"sinkhorn", "entropic, entropic-ot, sinkhorn-divergence, sinkhorn-distance"},
    Row{"energy", "energy-distance"},
    Row{"mmd", "mmd2, maximum-mean-discrepancy, kernel-mmd"},
    Row{"mmd:kernel=polynomial", "kid, kernel-inception-distance"},
    Row{"js", "jsd, jensen-shannon, jensen-shannon-divergence"},
    Row{"jsd-critic", "js, jsd, jensen-shannon, jensen-shannon-divergence, gan, discriminator"},
    Row{"sqrt-js", "jensen-shannon-distance"},
    Row{"ls-critic", "lsgan, least-squares"},
    Row{"hinge-critic", "hinge"},
    Row{"f-critic", "f-gan, f-divergence"},
    Row{"tv", "tvd, total-variation, total-variation-distance"},
    Row{"chi2", "chi-square, chi-squared, chisq, pearson"},
    Row{"prdc", "precision, recall, precision-recall, improved-precision-recall, density, coverage"},
    Row{"c2st", "classifier, classifier-two-sample-test"},
    Row{"c2st-logit", "c2st-l"},
    Row{"mmdagg", "aggregated, mmd-aggregated"},
    Row{"mmd-fuse", "fuse"},
    Row{"w1-critic", "wgan, wgan-gp"},
    // Kernels, activations, layers, weights, losses.
    Row{"gaussian", "rbf, squared-exponential, normal, gauss"},
    Row{"normal", "gaussian, gauss"},
    Row{"laplacian", "laplace"},
    Row{"laplace", "laplacian, double-exponential"},
    Row{"imq", "inverse-multiquadric, inverse-multiquadratic"},
    Row{"rq", "rational-quadratic"},
    Row{"polynomial", "poly, cubic"},
    Row{"silu", "swish"},
    Row{"leaky-relu", "lrelu"},
    Row{"sigmoid", "logistic"},
    Row{"linear", "identity, none, id"},
    Row{"xavier", "glorot, glorot-uniform, xavier-uniform"},
    Row{"he", "kaiming, kaiming-normal, he-normal"},
    Row{"batch-norm", "bn, batch-normalization, batch-normalisation, batch-norm-2d, batch-norm-1d"},
    Row{"layer-norm", "ln, layer-normalization, layer-normalisation"},
    Row{"group-norm", "gn, group-normalization"},
    Row{"dense", "fc, fully-connected, linear"},
    Row{"conv", "conv-2d, convolution, convolutional, cnn"},
    Row{"transposed-conv", "deconv, deconvolution, conv-transpose, conv-transpose-2d"},
    Row{"mlp", "dense, fc, fully-connected"},
    Row{"bernoulli", "bce, binary-cross-entropy, cross-entropy"},
    Row{"bce", "cross-entropy, binary-cross-entropy, bernoulli"},
    Row{"mse", "l2, squared-error, squared"},
    // Optimizers and schedules.
    Row{"sgd:momentum=0.9", "momentum"},
    Row{"sgd:momentum=0.9,nesterov=yes", "nesterov, nag"},
    Row{"cosine", "cosine-annealing, cosine-decay"},
    Row{"step", "step-lr, multi-step"},
    Row{"exponential", "exponential-lr, exp"},
    // Models, data and commands.
    Row{"ae", "autoencoder"},
    Row{"dae", "denoising, denoising-autoencoder"},
    Row{"sae", "stacked, stacked-autoencoder"},
    Row{"vae", "beta-vae, variational, variational-autoencoder"},
    Row{"vae --condition", "cvae, conditional-vae"},
    Row{"gan --condition", "cgan, conditional-gan"},
    Row{"iwae", "importance-weighted-autoencoder"},
    Row{"wae", "wasserstein-autoencoder"},
    Row{"gan", "dcgan, vanilla-gan"},
    Row{"wgan", "wgan-gp, wasserstein-gan"},
    Row{"gmmn", "mmd-net, moment-matching, generative-moment-matching-network"},
    Row{"flow", "flow-matching, rectified-flow, cnf"},
    Row{"fa", "factor-analysis"},
    Row{"ppca", "probabilistic-pca"},
    Row{"pca", "principal-components, principal-component-analysis"},
    Row{"fashion-mnist", "fashion, fmnist"},
    Row{"train", "fit"},
    Row{"sample", "generate"},
    Row{"evaluate", "eval, score"},
    Row{"run", "info, describe"},
    Row{"test", "two-sample, permutation-test"},
};

// What people know and this program has not: no hint, though a word that it has is spelled alike.
constexpr std::string_view kOthers =
    // Distances, scores and tests.
    "ks, kolmogorov-smirnov, cvm, cramer-von-mises, anderson-darling, lpips, is, inception-score, fvd, "
    "mauve, "
    "bhattacharyya, bregman, hausdorff, chamfer, dtw, cosine-similarity, "
    // Models.
    "vqvae, vq-vae, nvae, acgan, bigan, began, ebgan, infogan, cyclegan, stylegan, biggan, "
    "sagan, "
    "ddpm, ddim, diffusion, score-matching, nice, real-nvp, glow, maf, iaf, made, pixelcnn, transformer, "
    "rnn, "
    "lstm, gru, rbm, dbn, kde, gmm, ica, nmf, tsne, t-sne, umap, kpca, kernel-pca, sparse-pca, "
    // Optimizers.
    "adamax, nadam, radam, amsgrad, adadelta, adafactor, lion, lamb, lars, lbfgs, rprop, muon, shampoo, "
    // Activations and layers.
    "relu6, prelu, rrelu, celu, mish, hard-sigmoid, hard-swish, hard-tanh, log-sigmoid, softsign, softmax, "
    "glu, geglu, swiglu, instance-norm, rms-norm, attention, embedding, ";

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// The words of a list: "a, b-c, " gives a and b-c.
std::vector<std::string_view> words_of(std::string_view list) {
  std::vector<std::string_view> words;
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = std::min(list.find(", ", begin), list.size());
    words.push_back(list.substr(begin, end - begin));
    begin = end + 2;
  }
  return words;
}

bool holds(std::string_view list, std::string_view plain) {
  const std::vector<std::string_view> words = words_of(list);
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return plain_word(word) == plain; });
}

std::optional<std::size_t> same_but_spelling(std::string_view plain, std::span<const std::string> valid) {
  for (std::size_t i = 0; i < valid.size(); ++i)
    if (plain_word(valid[i]) == plain) return i;
  return std::nullopt;
}

}  // namespace

std::string plain_word(std::string_view word) {
  std::string out;
  for (const char c : word)
    if (c != '-' && c != '_' && c != ' ') out += small(c);
  return out;
}

std::vector<std::string_view> words_meant(std::string_view plain) {
  std::vector<std::string_view> meant;
  if (plain.empty()) return meant;
  for (const Row& row : kRows)
    if (holds(row.others, plain)) meant.push_back(row.meant);
  return meant;
}

std::vector<std::string_view> synonyms_of(std::string_view name) {
  for (const Row& row : kRows)
    if (row.meant == name) return words_of(row.others);
  return {};
}

std::optional<std::size_t> place_of_word(std::string_view word, std::span<const std::string> valid) {
  if (const auto as_it_stands = std::ranges::find(valid, word); as_it_stands != valid.end())
    return static_cast<std::size_t>(as_it_stands - valid.begin());
  const std::string plain = plain_word(word);
  if (plain.empty()) return std::nullopt;
  if (const auto same = same_but_spelling(plain, valid)) return same;
  for (const std::string_view meant : words_meant(plain))
    if (meant.find_first_of(": ") == std::string_view::npos)
      if (const auto same = same_but_spelling(plain_word(meant), valid)) return same;
  return std::nullopt;
}

std::size_t find_word(std::string where, std::string_view word, std::span<const std::string> valid) {
  const auto place = place_of_word(word, valid);
  if (!place) throw UnknownWord(unknown_word(std::move(where), word, valid), {valid.begin(), valid.end()});
  return *place;
}

Spec spec_meant(Spec spec, std::string where, std::span<const std::string> valid) {
  if (const auto place = place_of_word(spec.name, valid)) {
    spec.name = valid[*place];
    return spec;
  }
  for (const std::string_view word : words_meant(plain_word(spec.name))) {
    if (word.find(' ') != std::string_view::npos) continue;  // "vae --condition" is no SPEC
    Spec meant = parse_spec(word);
    if (std::ranges::find(valid, meant.name) == valid.end()) continue;
    for (auto& [key, value] : meant.options)
      if (std::ranges::find(spec.options, key, &std::pair<std::string, std::string>::first) ==
          spec.options.end())
        spec.options.emplace_back(key, value);
    spec.name = meant.name;
    return spec;
  }
  throw UnknownWord(unknown_word(std::move(where), spec.name, valid), {valid.begin(), valid.end()});
}

bool is_unknown_here(std::string_view plain) { return holds(kOthers, plain); }

}  // namespace pushforward
