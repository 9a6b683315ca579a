// SPDX-License-Identifier: Apache-2.0
// Two passes: means, then Gram matrices of centred blocks; the reasons are in the header.
#include "models/moments.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kBlock = 512;

using FloatRows = Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

FloatRows mapped(View<const float> rows) {
  return {rows.data, static_cast<Eigen::Index>(rows.rows), static_cast<Eigen::Index>(rows.cols)};
}

// Calls visit(rows in float64) on blocks.
template <class Visit>
void for_double_blocks(const Dataset& data, Visit visit) {
  for (std::size_t begin = 0; begin < data.rows(); begin += kBlock)
    visit(double_rows(data, begin, std::min(data.rows(), begin + kBlock)));
}

void add_float_products(const Dataset& data, Moments& out) {
  const auto d = static_cast<Eigen::Index>(data.cols());
  Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> centred, gram(d, d);
  for_blocks(data, kBlock, [&](View<const float> rows, std::size_t) {
    centred = (mapped(rows).cast<double>().rowwise() - out.mean.transpose()).cast<float>();
    gram.setZero();
    gram.selfadjointView<Eigen::Lower>().rankUpdate(centred.transpose());
    out.covariance.triangularView<Eigen::Lower>() += gram.cast<double>();
  });
}

void add_double_products(const Dataset& data, Moments& out) {
  for_double_blocks(data, [&](EigenMatrix rows) {
    rows.rowwise() -= out.mean.transpose();
    out.covariance.selfadjointView<Eigen::Lower>().rankUpdate(rows.transpose());
  });
}

constexpr std::size_t kManyColumns = 128;

}  // namespace

EigenMatrix double_rows(const Dataset& data, std::size_t begin, std::size_t end) {
  const auto n = static_cast<Eigen::Index>(end - begin), d = static_cast<Eigen::Index>(data.cols());
  return std::visit(
      [&]<class T>(const Matrix<T>& rows) -> EigenMatrix {
        using Rows = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
        return Eigen::Map<const Rows>(rows.row(begin), n, d).template cast<double>() * data.scale;
      },
      data.rows_data);
}

// The mean of what is left after the mean was taken off is its rounding, which an offset of 1e8 makes
// visible.
Eigen::VectorXd column_means(const Dataset& data) {
  const auto d = static_cast<Eigen::Index>(data.cols());
  const double n = static_cast<double>(std::max<std::size_t>(1, data.rows()));
  Eigen::VectorXd mean = Eigen::VectorXd::Zero(d);
  for (int pass = 0; pass < 2; ++pass) {
    Eigen::VectorXd sum = Eigen::VectorXd::Zero(d);
    for_double_blocks(data, [&](const EigenMatrix& rows) {
      sum += (rows.rowwise() - mean.transpose()).colwise().sum().transpose();
    });
    mean += sum / n;
    if (!std::holds_alternative<Matrix<double>>(data.rows_data))
      break;  // float32 and bytes add up exactly enough
  }
  return mean;
}

Moments moments(const Dataset& data, Products products) {
  Moments out{data.rows(), column_means(data), {}};
  const auto d = static_cast<Eigen::Index>(data.cols());
  out.covariance = EigenMatrix::Zero(d, d);
  const bool wide = std::holds_alternative<Matrix<double>>(data.rows_data);
  if (wide || products == Products::exact || data.cols() < kManyColumns)
    add_double_products(data, out);
  else
    add_float_products(data, out);
  out.covariance /= static_cast<double>(std::max<std::size_t>(1, out.n));
  out.covariance.triangularView<Eigen::StrictlyUpper>() = out.covariance.transpose();
  return out;
}

}  // namespace pushforward
