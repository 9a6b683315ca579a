// SPDX-License-Identifier: Apache-2.0
#include "written.hpp"

namespace pushforward::cli {

Json shape_json(const RowShape& shape) {
  if (!shape.image) return Json::array({shape.size()});
  Json sides = Json::array({shape.height, shape.width});
  if (shape.channels > 1) sides.push_back(shape.channels);
  return sides;
}

void tell_written(const std::string& path, const Json& facts, const Common& common, const std::string& hint) {
  if (!common.json) return note(path + " written" + hint, common.quiet);
  Json object = {{"output", path}};
  object.update(facts);
  print_json(object);
}

}  // namespace pushforward::cli
