// SPDX-License-Identifier: Apache-2.0
//
// Divergences between *known* distributions over the same values: vectors of probabilities, or densities.
//
// A row of the registry holds everything about one divergence: formula, range, source, facts, options and
// worked examples. Most are f-divergences, Σ q f(p/q), given by one *cell term* that is never negative; the
// same term is summed over vectors and integrated over densities, so the two cannot drift apart.
//
// Conventions, all of them tested: 0·ln 0 = 0; a cell with q = 0 < p counts p·lim f(t)/t as t→∞, which may be
// +∞; no value is NaN, none is negative by rounding; zeros and subnormal numbers are ordinary input. Letters:
// p, q the two distributions; k their number of values; t = p/q.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pushforward/fields.hpp"
#include "pushforward/spec.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

struct GaussianPair;  // gaussian_pair.hpp
class CellTerms;      // cell_terms.hpp

/// Two distributions over the same k values, checked: non-negative, summing to 1.
struct DiscretePair {
  std::span<const double> p, q;         ///< k each
  std::span<const double> positions{};  ///< k numbers where order matters; empty means 0, 1, 2, …
};

/// What a value is measured in, and so what "bits" does to it.
enum class DivergenceScale {
  number,            ///< dimensionless
  information,       ///< nats; in bits divided by ln 2
  root_information,  ///< √nats; in bits divided by √ln 2
  position,          ///< the unit of the positions
};

struct DivergenceFacts {
  bool symmetric = false;           ///< D(p,q) = D(q,p)
  bool metric = false;              ///< the printed value obeys the triangle inequality
  bool zero_on_itself = true;       ///< D(p,p) = 0 (the cross-entropy is H(p) there)
  bool shrinks_by_merging = false;  ///< data processing: pooling cells never increases it
  bool uses_positions = false;      ///< depends on where the values lie, not only on which they are
  bool gradient = false;            ///< fills the gradient with respect to p
};

/// A worked example with a value computed by hand: documentation and test at once.
struct DivergenceExample {
  std::string options;  ///< of the SPEC, after the colon
  std::vector<double> p, q;
  std::vector<double> positions{};
  double value = 0;     ///< in nats where the scale is information
  std::string by_hand;  ///< how the value comes about, in a line
};

/// A distance between distributions on the line: W_p = (∫|F⁻¹ − G⁻¹|^p du)^(1/p), 2∫(F − G)² dx, or MMD² with
/// a Gaussian kernel.
struct OnTheLine {
  enum class Kind { wasserstein, energy, kernel } kind;
  double order = 1;  ///< p of W_p; the kernel's bandwidth
};

class Divergence {
 public:
  virtual ~Divergence() = default;
  /// D(p,q) in natural units. A non-empty `gradient` (k) is written with ∂D/∂p_i of the formula as it stands;
  /// on the simplex only its differences matter. Entries are ±∞ where the derivative is.
  virtual double measure(const DiscretePair& pair, std::span<double> gradient = {}) const = 0;
  /// The cell term, for divergences that are a function of Σ term(p,q); null for the others.
  virtual const CellTerms* cell_terms() const { return nullptr; }
  /// The closed form between two Gaussians of R^d, where there is one (it may be +∞).
  virtual std::optional<double> between_gaussians(const GaussianPair&) const { return {}; }
  /// What to integrate between densities on the line, for divergences that use positions.
  virtual std::optional<OnTheLine> on_the_line() const { return {}; }
};

/// All that is known of a divergence, in one place: a row of the registry.
struct DivergenceEntry {
  std::string name, title, formula, range, source;
  DivergenceScale scale = DivergenceScale::number;
  std::vector<OptionRow> options{};
  DivergenceFacts facts{};
  std::vector<DivergenceExample> examples{};
  std::function<std::unique_ptr<Divergence>(const Spec&)> make{};
  bool by_default = true;           ///< among those that are shown when nobody chose
  std::string unit{};               ///< of a dimensionless value: what it says about itself
  std::string unit_of_densities{};  ///< likewise between densities, where it is another
  /// Facts for these options, where they depend on them; `facts` by default.
  std::function<DivergenceFacts(const Spec&)> facts_of{};
};

/// The table in src/divergences/registry.cpp.
std::span<const DivergenceEntry> divergences();
/// The row called `name`, in any case, or what others call it ("emd"); RequestError that names the nearest
/// one otherwise.
const DivergenceEntry& find_divergence(std::string_view name);
/// A SPEC under its row's name: "emd" becomes "w1"; of a comma-separated list.
Spec divergence_meant(Spec spec);
std::vector<Spec> parse_divergences(std::string_view text, std::string_view where = "divergences");
/// Makes the divergence that a SPEC names ("renyi:alpha=2").
std::unique_ptr<Divergence> make_divergence(const Spec& spec);
/// Facts of the divergence that a SPEC names.
DivergenceFacts divergence_facts(const Spec& spec);

/// D(p,q) in natural units (nats), after checking both: k ≥ 1 numbers each, as many in both, finite, not
/// negative, summing to 1 within 1e-6 (then divided by their sum). RequestError names the entry that is
/// wrong.
double divergence(const Spec& spec, std::span<const double> p, std::span<const double> q,
                  std::span<const double> positions = {}, std::span<double> gradient = {});

/// A convex f with f(1) = 0 that generates the divergence Σ q f(p/q).
struct FGenerator {
  std::string name, formula;
  std::function<double(double)> f;      ///< at 0 < t < ∞; written with f'(1) = 0 it is never negative
  std::function<double(double)> slope;  ///< f'(t)
  double at_zero = 0;                   ///< lim f(t), t→0: what a cell with p = 0 adds, times q
  double at_infinity = 0;               ///< lim f(t)/t, t→∞: what a cell with q = 0 adds, times p
  /// f grows like t^power_at_infinity as t→∞ and like t^power_at_zero as t→0, logarithms apart (for
  /// densities).
  double power_at_infinity = 1, power_at_zero = 0;
};
/// The generators that `f:generator=` names.
std::span<const FGenerator> f_generators();
/// The f-divergence of any generator, a user's own included.
std::unique_ptr<Divergence> make_f_divergence(const FGenerator& generator);

/// "nats", "bits", "√bits", "unit of the positions", "probability" …: what the number of this row is measured
/// in.
std::string divergence_unit(const DivergenceEntry& entry, bool bits);
/// The same between densities.
std::string density_unit(const DivergenceEntry& entry, bool bits);
/// A value in natural units as a value in bits (when `bits`); leaves alone what is not information.
double in_divergence_unit(const DivergenceEntry& entry, double value, bool bits);

/// How a vector of masses is made a distribution.
struct MassRules {
  bool normalize = false;   ///< divide by the sum, whatever it is (above 0)
  double tolerance = 1e-6;  ///< otherwise: how far from 1 a sum may be
  std::size_t columns = 0;  ///< of a table in row order, so that errors name row and column
};
/// Checks masses and returns them divided by their sum, without overflow or loss for very large or very small
/// ones; `where` names them in errors.
std::vector<double> distribution_of(std::string_view where, std::span<const double> masses,
                                    const MassRules& rules = {});

}  // namespace pushforward
#pragma GCC visibility pop
