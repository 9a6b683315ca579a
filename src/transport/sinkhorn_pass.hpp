// SPDX-License-Identifier: Apache-2.0
//
// One sweep over all pairs: the unit of work of Sinkhorn's algorithm.
//
// In units of ε·ln 2 the plan is P_ij = a_i·2^(F_i + G_j + log₂ b_j − κC_ij), κ = log₂e/ε. A full iteration
// takes *one* sweep and one exponential per pair: with e_ij = 2^(F_i + …) at the old F_i the new one is F_i −
// log₂ Σ_j e_ij, and while the row is still in cache a_i e_ij / Σ_j e_ij is added to column j, which gives
// the new G_j. The old potential is the shift that keeps the exponentials in range; where it cannot be
// trusted (a first sweep, a new ε) a *safe* sweep looks for each row's largest exponent first. A column that
// underflows all the same is done again by itself, exactly.
//
// Kept exponentials (`keep`) make a sweep two multiply-adds a pair while no potential is far from the one
// that they had.
//
// For p = 2 the exponent is 2κ⟨x,y⟩ with the norms folded into the potentials, so that an exponent costs d +
// 1 multiply-adds.
#pragma once

#include <vector>

#include "transport/sinkhorn_geometry.hpp"

namespace pushforward::entropic {

struct Potentials {
  std::vector<double> f, g;  ///< rows and cols long, in units of ε·ln 2
};

struct Step {
  double error = 0;   ///< Σ_i a_i |Σ_j e_ij − 1| of the potentials that came in
  double change = 0;  ///< the largest change of a potential that the next sweep's exponents see
};

struct Evaluation {
  std::vector<double> row_sums;  ///< Σ_j P_ij / a_i
  std::vector<double> col_sums;  ///< Σ_i P_ij
  double cost = 0;               ///< Σ_ij P_ij C_ij
};

template <class T>
class Sweeper {
 public:
  /// With `store` the products or costs, with `keep` a sweep's exponentials, are kept in a table of rows ×
  /// cols.
  Sweeper(const Geometry& geometry, bool store, bool keep);
  Sweeper(const Sweeper&) = delete;
  Sweeper& operator=(const Sweeper&) = delete;
  ~Sweeper();

  /// Rows, then columns; with a relaxation ω ≠ 1 each potential goes ω times as far as it should.
  Step iterate(double kappa, Potentials& potentials, bool safe, double relaxation = 1);
  /// F ← F − share · log₂ Σ_j e_ij with G = F: the symmetric problem, where x and y are the same sample.
  Step iterate_self(double kappa, std::vector<double>& f, bool safe, double share);
  /// The plan's marginals and cost, and Σ_j P_ij ∇C_ij in `gradient` (rows × d) unless that is null.
  Evaluation evaluate(double kappa, const Potentials& potentials, double* gradient);

 private:
  struct Buffers;
  struct Columns;
  /// Of rows: the F_i that the exponents had, and Σ_j e_ij.
  struct RowSums {
    std::vector<double> used, value;
  };

  static Matrix<T>& room();
  std::size_t pieces() const;
  template <class Body>
  void sweep(bool triangle, const Body& body) const;
  bool follows(double kappa, const std::vector<double>& f, const std::vector<double>& g);
  void keep(double kappa, const Columns& columns);
  void take_sums(std::size_t i, std::size_t count, const std::vector<double>& f, bool safe, bool kept,
                 Buffers& b);
  bool pulls_tell_cost() const;
  void kept_plan(std::size_t i, std::size_t count, const std::vector<double>& f, Buffers& b) const;
  void fill(std::size_t i, std::size_t count, std::size_t panel, std::size_t panels, T* out) const;
  void fill_terms(std::size_t i, std::size_t count, std::size_t first, Buffers& buffers) const;
  void exponentials_of(std::size_t i, std::size_t count, const std::vector<double>& f, bool safe, bool keep,
                       Buffers& buffers, std::size_t first) const;
  Columns columns_of(double kappa, const std::vector<double>& g) const;
  void add_triangle(std::size_t i, std::size_t count, const std::vector<double>& f, Buffers& b,
                    RowSums& sums) const;
  RowSums self_sums(const std::vector<double>& f, const Columns& columns, bool safe, bool kept);
  double update_columns(const std::vector<double>& sums, const Columns& columns, double kappa,
                        double relaxation, Potentials& p) const;
  void evaluate_rows(std::size_t i, std::size_t count, Buffers& buffers, Evaluation& result,
                     std::vector<double>& cost, double* gradient) const;

  const Geometry& geometry_;
  Matrix<T> x_, y_, table_{};
  Matrix<T> y_norm_{};
  std::size_t block_rows_, block_panels_;
  double kappa_ = 0;
  Matrix<T> h_{};
  bool keep_;
  double kept_kappa_ = 0;
  Matrix<T> kept_{}, v_{};  // exponentials, and 2^ what potentials of columns changed since
  std::vector<double> kept_f_{}, kept_g_{};
};

}  // namespace pushforward::entropic
