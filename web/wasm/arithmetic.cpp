// SPDX-License-Identifier: Apache-2.0
//
// The library's own arithmetic for pages: densities, divergences, entropies, codes, kernels. What is computed
// is computed by src/ (see `build`, which compiles it beside this file); here is only what a page may call.
//
// Numbers lie in this module's memory: a page asks for room, fills it, calls, and reads. A request that the
// library refuses traps; pages ask for nothing that is refused.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <numbers>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "core/summation.hpp"
#include "divergences/densities/tails.hpp"
#include "ops/sort.hpp"
#include "pushforward/cell_terms.hpp"
#include "pushforward/coding.hpp"
#include "pushforward/density.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/entropy.hpp"
#include "pushforward/error.hpp"
#include "pushforward/gaussian_pair.hpp"
#include "pushforward/kernel.hpp"
#include "pushforward/one_dimensional.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"
#include "transport/line_kernels.hpp"

#define PAGE(name) extern "C" __attribute__((export_name(name)))

namespace pushforward {
namespace {

std::span<const double> numbers(const double* begin, unsigned n) { return {begin, n}; }

double mean_kernel(const Kernel& kernel, double at, std::span<const double> points) {
  CompensatedSum sum;
  for (const double& x : points) sum.add(kernel_value(kernel, {&at, 1}, {&x, 1}));
  return sum.value() / static_cast<double>(points.size());
}

// Mean of k(x, y) over all pairs, or of one sample's pairs of different points.
double mean_of_pairs(const Kernel& kernel, std::span<const double> x, std::span<const double> y,
                     bool different) {
  CompensatedSum sum;
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t j = 0; j < y.size(); ++j)
      if (!different || i != j) sum.add(kernel_value(kernel, {&x[i], 1}, {&y[j], 1}));
  const double pairs = static_cast<double>(x.size()) * static_cast<double>(y.size() - (different ? 1 : 0));
  return sum.value() / pairs;
}

LineDensity line_density(const double* components, unsigned count) {
  std::vector<LineComponent> parts;
  for (unsigned i = 0; i < count; ++i, components += 5)
    parts.push_back({static_cast<LineComponent::Family>(components[0]), components[1], components[2],
                     components[3], components[4]});
  return LineDensity(std::move(parts));
}

double softplus(double u) { return std::max(u, 0.0) + std::log1p(std::exp(-std::abs(u))); }

// Of cells whose log densities are given, each of `pool` neighbors.
std::vector<double> masses(const double* log_density, unsigned k, unsigned pool) {
  std::vector<double> out(k / pool, 0.0);
  for (std::size_t i = 0; i < out.size() * pool; ++i) out[i / pool] += std::exp(log_density[i]);
  return distribution_of("masses", out, {.normalize = true});
}

}  // namespace

/// Room for n bytes, aligned for doubles, until free_bytes().
PAGE("bytes") void* page_bytes(unsigned n) { return std::malloc(n); }
PAGE("free") void page_free(void* place) { std::free(place); }

/// ln p at n places of a mixture on the line: five numbers a component, family (as LineComponent counts
/// them), weight, a, b, c.
PAGE("log_density")
void page_log_density(const double* components, unsigned count, const double* x, double* out, unsigned n) {
  const LineDensity density = line_density(components, count);
  for (unsigned i = 0; i < n; ++i) out[i] = density.log_density(x[i]);
}

/// p itself.
PAGE("density")
void page_density(const double* components, unsigned count, const double* x, double* out, unsigned n) {
  const LineDensity density = line_density(components, count);
  for (unsigned i = 0; i < n; ++i) out[i] = std::exp(density.log_density(x[i]));
}

/// Draws of N(0, 1), as the program makes them of a seed on a stream at a step.
PAGE("normals")
void page_normals(double seed, const char* stream, unsigned letters, unsigned step, double* out, unsigned n) {
  fill_normal(std::span<double>(out, n),
              Draw{static_cast<std::uint64_t>(seed)}.on({stream, letters}).at(step));
}

/// n points of the plane turned by an angle around 0, in place.
PAGE("turn") void page_turn(double* points, unsigned n, double degrees) {
  const double angle = degrees * std::numbers::pi / 180, c = std::cos(angle), s = std::sin(angle);
  for (double* at = points; at != points + 2 * n; at += 2) {
    const double x = at[0], y = at[1];
    at[0] = c * x - s * y, at[1] = s * x + c * y;
  }
}

/// z(t) = (1 − t) a + t b, and z = μ + σ ε.
PAGE("between")
void page_between(const double* a, const double* b, double t, double* out, unsigned n) {
  for (unsigned i = 0; i < n; ++i) out[i] = (1 - t) * a[i] + t * b[i];
}
PAGE("reparametrize")
void page_reparametrize(const double* mean, const double* sd, const double* noise, double* out, unsigned n) {
  for (unsigned i = 0; i < n; ++i) out[i] = mean[i] + sd[i] * noise[i];
}

/// E f under masses.
PAGE("mean") double page_mean(const double* masses, const double* f, unsigned k) {
  CompensatedSum sum;
  for (unsigned i = 0; i < k; ++i) sum.add(masses[i] * f[i]);
  return sum.value();
}

/// D(p, q) of a SPEC between k masses each, at `positions` where it asks for them; nats.
PAGE("divergence")
double page_divergence(const char* spec, unsigned letters, const double* p, const double* q,
                       const double* positions, unsigned k) {
  return make_divergence(parse_spec({spec, letters}))
      ->measure({numbers(p, k), numbers(q, k), numbers(positions, k)});
}

/// The same, and its derivative with respect to p: of w1 a potential, by which it is attained.
PAGE("divergence_gradient")
double page_divergence_gradient(const char* spec, unsigned letters, const double* p, const double* q,
                                const double* positions, double* gradient, unsigned k) {
  return make_divergence(parse_spec({spec, letters}))
      ->measure({numbers(p, k), numbers(q, k), numbers(positions, k)}, {gradient, k});
}

/// D(p, q) of a SPEC with a cell term between densities given by their logarithms at the middles of k cells
/// `step` wide: the term that the program integrates, by the midpoint rule.
PAGE("density_divergence")
double page_density_divergence(const char* spec, unsigned letters, const double* log_p, const double* log_q,
                               double step, unsigned k) {
  const std::unique_ptr<Divergence> divergence = make_divergence(parse_spec({spec, letters}));
  const CellTerms& terms = *divergence->cell_terms();
  CompensatedSum sum, overlap;
  for (unsigned i = 0; i < k; ++i) {
    if (log_p[i] == -kInfinity && log_q[i] == -kInfinity) continue;
    const CellSums cell = terms.term(Cell::of_logs(log_p[i], log_q[i]));
    sum.add(cell.sum * step), overlap.add(cell.overlap * step);
  }
  return terms.finish({sum.value(), overlap.value()});
}

/// Whether the integral of a SPEC with a cell term is finite between two mixtures, which no cells can see.
PAGE("converges")
unsigned page_converges(const char* spec, unsigned letters, const double* p, unsigned count_p,
                        const double* q, unsigned count_q) {
  const std::unique_ptr<Divergence> divergence = make_divergence(parse_spec({spec, letters}));
  return converges(*divergence->cell_terms(), line_density(p, count_p), line_density(q, count_q));
}

/// V(D) = E_p ln D + E_q ln(1 − D) of the discriminator 1/(1 + e^−(sharpness·ln(p/q) + bias)), between the
/// same densities; D itself is left in `out`.
PAGE("game")
double page_game(const double* log_p, const double* log_q, double sharpness, double bias, double step,
                 double* out, unsigned k) {
  CompensatedSum sum;
  for (unsigned i = 0; i < k; ++i) {
    const Cell cell = Cell::of_logs(log_p[i], log_q[i]);
    const double logit = sharpness * cell.u + bias;
    sum.add(-(cell.p * softplus(-logit) + cell.q * softplus(logit)) * step);
    out[i] = 1 / (1 + std::exp(-logit));
  }
  return sum.value();
}

/// What each of k symbols adds to KL(p‖q): p ln(p/q), nats.
PAGE("kl_terms") void page_kl_terms(const double* p, const double* q, double* out, unsigned k) {
  for (unsigned i = 0; i < k; ++i) out[i] = p[i] > 0 ? p[i] * Cell::of(p[i], q[i]).u : 0;
}

/// D(p, q) of a SPEC that knows where values lie, between the same densities: `pool` cells are taken as one
/// mass at their middle.
PAGE("line_distance")
double page_line_distance(const char* spec, unsigned letters, const double* log_p, const double* log_q,
                          double low, double step, unsigned k, unsigned pool) {
  std::vector<double> positions;
  for (unsigned i = 0; i < k / pool; ++i) positions.push_back(low + (i + 0.5) * step * pool);
  const std::vector<double> p = masses(log_p, k, pool), q = masses(log_q, k, pool);
  return make_divergence(parse_spec({spec, letters}))->measure({p, q, positions});
}

/// Masses over their sum, as every command of the program begins.
PAGE("normalize") void page_normalize(double* masses, unsigned k) {
  const std::vector<double> found = distribution_of("masses", numbers(masses, k), {.normalize = true});
  std::copy(found.begin(), found.end(), masses);
}

/// H(p), nats.
PAGE("entropy") double page_entropy(const double* p, unsigned k) { return entropy(numbers(p, k)); }

/// Huffman's words, separated by ' ', '-' for a symbol without one; returns their letters. Three numbers
/// follow: mean length, fixed length, Kraft's sum.
PAGE("huffman") unsigned page_huffman(const double* p, unsigned k, char* words, double* lengths) {
  const CodeBook book = huffman_code(numbers(p, k));
  std::string text;
  for (const auto& word : book) text += (text.empty() ? "" : " ") + word.value_or("-");
  std::copy(text.begin(), text.end(), words);
  lengths[0] = mean_length(book, numbers(p, k)), lengths[1] = static_cast<double>(fixed_length(book)),
  lengths[2] = kraft_sum(book);
  return static_cast<unsigned>(text.size());
}

/// MMD² of a Gaussian kernel between points of the line: over all pairs, and without a point's pair with
/// itself.
PAGE("mmd")
void page_mmd(const double* x, unsigned n, const double* y, unsigned m, double bandwidth, double* out) {
  const Kernel kernel{.bandwidths = {bandwidth}};
  const auto a = numbers(x, n), b = numbers(y, m);
  const double cross = 2 * mean_of_pairs(kernel, a, b, false);
  out[0] = mean_of_pairs(kernel, a, a, false) + mean_of_pairs(kernel, b, b, false) - cross;
  out[1] = mean_of_pairs(kernel, a, a, true) + mean_of_pairs(kernel, b, b, true) - cross;
}

/// MMD's witness f(z) = (E k(z,x) − E k(z,y))/MMD at k places, MMD by all pairs; returns it. Where it is 0,
/// so is f.
PAGE("witness")
double page_witness(const double* x, unsigned n, const double* y, unsigned m, double bandwidth,
                    const double* at, double* out, unsigned k) {
  const Kernel kernel{.bandwidths = {bandwidth}};
  double squared[2];
  page_mmd(x, n, y, m, bandwidth, squared);
  const double mmd = std::sqrt(std::max(0.0, squared[0]));
  for (unsigned i = 0; i < k; ++i) {
    const double f = mean_kernel(kernel, at[i], numbers(x, n)) - mean_kernel(kernel, at[i], numbers(y, m));
    out[i] = mmd > 0 ? f / mmd : 0;
  }
  return mmd;
}

/// The optimal plan between masses at 0, 1, …, k − 1, the same for every convex cost: triples of from, to and
/// mass, fewer than 2k; returns how many.
PAGE("line_plan") unsigned page_line_plan(const double* p, const double* q, double* out, unsigned k) {
  Matrix<double> places(k, 1);
  std::iota(places.data(), places.data() + k, 0.0);
  const OneDimensionalPlan plan = one_dimensional_plan({places, numbers(p, k)}, {places, numbers(q, k)}, 1);
  for (std::size_t a = 0; a < plan.mass.size(); ++a, out += 3)
    out[0] = plan.i[a], out[1] = plan.j[a], out[2] = plan.mass[a];
  return static_cast<unsigned>(plan.mass.size());
}

/// Sinkhorn's plan P_ij = a_i b_j exp((f_i + g_j − ‖x_i − y_j‖²)/ε) of points of the plane, all of one
/// weight.
PAGE("plan")
void page_plan(const double* x, const double* f, unsigned n, const double* y, const double* g, unsigned m,
               double epsilon, double* out) {
  for (unsigned i = 0; i < n; ++i)
    for (unsigned j = 0; j < m; ++j) {
      const double a = x[2 * i] - y[2 * j], b = x[2 * i + 1] - y[2 * j + 1];
      *out++ = std::exp((f[i] + g[j] - a * a - b * b) / epsilon) / n / m;
    }
}

// What the library does on many threads and by vector instructions is here done by one, for a few values.
void parallel_for(std::size_t n, std::size_t, Callable<void(std::size_t, std::size_t)> body) { body(0, n); }
void sort_with_order(std::span<const double> values, std::vector<double>& sorted,
                     std::vector<std::uint32_t>& order) {
  order.resize(values.size()), sorted.resize(values.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] < values[b]; });
  for (std::size_t i = 0; i < order.size(); ++i) sorted[i] = values[order[i]];
}
void sort_with_order(std::span<const float>, std::vector<float>&, std::vector<std::uint32_t>&) {
  __builtin_trap();
}
Block allocate_block(std::size_t rows, std::size_t cols, std::size_t element) {
  constexpr std::align_val_t alignment{kAlignment};
  return {::operator new(rows* cols* element, alignment), alignment};
}

// What would be said of a refused request: there is nobody to read it.
Error::Error(const Complaint&) : std::runtime_error("") { __builtin_trap(); }
std::string nearest_word(std::string_view, std::span<const std::string>) { __builtin_trap(); }
RequestError unknown_word(std::string, std::string_view, std::span<const std::string>) { __builtin_trap(); }
// Pages call things by their names.
std::string plain_word(std::string_view word) { return std::string(word); }
std::size_t find_word(std::string, std::string_view word, std::span<const std::string> valid) {
  for (std::size_t i = 0; i < valid.size(); ++i)
    if (valid[i] == word) return i;
  __builtin_trap();
}
Spec spec_meant(Spec spec, std::string, std::span<const std::string>) { return spec; }

// Closed forms that rows of the registry name and no page asks for: they take linear algebra along.
double gaussian_kl(const GaussianPair&) { __builtin_trap(); }
double gaussian_reverse_kl(const GaussianPair&) { __builtin_trap(); }
double gaussian_renyi(const GaussianPair&, double) { __builtin_trap(); }
double gaussian_alpha(const GaussianPair&, double) { __builtin_trap(); }
double gaussian_cross_entropy(const GaussianPair&) { __builtin_trap(); }
double gaussian_squared_l2(const GaussianPair&) { __builtin_trap(); }
// Pages give every point a weight.
void sort_values(std::span<float>) { __builtin_trap(); }
void sort_values(std::span<double>) { __builtin_trap(); }
double sum_of_powers(const float*, const float*, std::size_t, double) { __builtin_trap(); }
double sum_of_powers(const double*, const double*, std::size_t, double) { __builtin_trap(); }

}  // namespace pushforward

// There is no unwinding: what throws, traps.
extern "C" {
void* __cxa_allocate_exception(unsigned long) { __builtin_trap(); }
void __cxa_throw(void*, void*, void (*)(void*)) { __builtin_trap(); }
void __cxa_free_exception(void*) { __builtin_trap(); }
void* __cxa_begin_catch(void*) { __builtin_trap(); }
void __cxa_end_catch() { __builtin_trap(); }
void __cxa_rethrow() { __builtin_trap(); }
}
