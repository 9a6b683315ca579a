// SPDX-License-Identifier: Apache-2.0
// The layer around a linear map and its adjoint.
#include "layers/linear_map.hpp"

namespace pushforward {
namespace {

class LinearMap final : public Layer, public OnnxMap {
 public:
  LinearMap(std::string description, RowShape output, double operations, RowMap map, RowMap adjoint,
            WriteMap write)
      : description_(std::move(description)),
        output_(output),
        operations_(operations),
        map_(std::move(map)),
        adjoint_(std::move(adjoint)),
        write_(std::move(write)) {}

  std::string describe() const override { return description_; }
  RowShape output_shape() const override { return output_; }
  double operations() const override { return operations_; }

  void forward(View<const float> x, View<float> y, Saved&, const Pass&) const override { map_(x, y); }
  void backward(View<const float>, View<const float>, Saved&, View<const float> dy, View<float> dx, bool,
                const Pass&) override {
    if (dx.wanted()) adjoint_(dy, dx);
  }
  bool has_tangent() const override { return true; }
  void tangent(View<const float>, View<const float>, Saved&, View<const float> tx, View<float> ty,
               const Pass&) const override {
    map_(tx, ty);
  }
  bool tangent_backward(View<const float>, View<const float>, Saved&, View<const float>, View<const float>,
                        View<const float> dy, View<const float> dty, View<float> dx, View<float> dtx, bool,
                        const Pass&) override {
    if (dtx.wanted()) adjoint_(dty, dtx);
    if (dy.wanted() && dx.wanted()) adjoint_(dy, dx);
    return dy.wanted();
  }

  OnnxRows write(OnnxGraph& graph, const OnnxRows& x) const override { return write_(graph, x); }

 private:
  std::string description_;
  RowShape output_;
  double operations_;
  RowMap map_, adjoint_;
  WriteMap write_;
};

}  // namespace

std::unique_ptr<Layer> make_linear_map(std::string description, RowShape output, double operations,
                                       RowMap map, RowMap adjoint, WriteMap write) {
  return std::make_unique<LinearMap>(std::move(description), output, operations, std::move(map),
                                     std::move(adjoint), std::move(write));
}

}  // namespace pushforward
