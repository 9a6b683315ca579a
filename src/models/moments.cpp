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

}  // namespace

Eigen::VectorXd column_means(const Dataset& data) {
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(data.cols()));
  for_blocks(data, kBlock, [&](View<const float> rows, std::size_t) {
    sum += mapped(rows).cast<double>().colwise().sum().transpose();
  });
  return sum / static_cast<double>(std::max<std::size_t>(1, data.rows()));
}

Moments moments(const Dataset& data) {
  Moments out{data.rows(), column_means(data), {}};
  const auto d = static_cast<Eigen::Index>(data.cols());
  out.covariance = EigenMatrix::Zero(d, d);
  Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> centred, gram(d, d);
  for_blocks(data, kBlock, [&](View<const float> rows, std::size_t) {
    centred = (mapped(rows).cast<double>().rowwise() - out.mean.transpose()).cast<float>();
    gram.setZero();
    gram.selfadjointView<Eigen::Lower>().rankUpdate(centred.transpose());
    out.covariance.triangularView<Eigen::Lower>() += gram.cast<double>();
  });
  out.covariance /= static_cast<double>(std::max<std::size_t>(1, out.n));
  out.covariance.triangularView<Eigen::StrictlyUpper>() = out.covariance.transpose();
  return out;
}

}  // namespace pushforward
