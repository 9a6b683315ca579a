// SPDX-License-Identifier: Apache-2.0
//
// pushforward denoise: images without their noise, and how much better they are.
//
// A network that is convolutional throughout does not care how large an image is: its weights are moved into
// one of the new size. Any other wants the size that it was trained on.
#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "data/noise.hpp"
#include "endings.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "pushforward/error.hpp"
#include "pushforward/image_quality.hpp"
#include "rows_output.hpp"
#include "run_argument.hpp"
#include "written.hpp"

namespace pushforward::cli {
namespace {

constexpr std::size_t kMostPictured = 20;       // images of a picture
constexpr std::size_t kBatchValues = 1u << 20;  // in a batch: a few large images, or many small ones

struct DenoiseArguments : RunArguments {
  std::string noise, clean;
};

struct Images {
  RowShape shape;
  std::vector<std::string> names;  // their files
  Tensor noisy, clean;             // clean is empty where nobody knows it
};

Dataset load_images(const Run& run, const DenoiseArguments& arguments, const std::string& data,
                    const Common& common, std::vector<std::string>* names = nullptr) {
  LoadOptions load = load_like(run, arguments, common);
  load.resize = arguments.load.resize;  // images keep their size unless asked
  return load_told(data, load, pictures_like(run, arguments), common.quiet, names);
}

Tensor floats(const Dataset& data) { return data.floats(0, data.rows()); }

Images load(const Run& run, const DenoiseArguments& arguments, const Common& common) {
  std::vector<std::string> names;
  const Dataset data = load_images(run, arguments, arguments.data, common, &names);
  Images images{data.shape, std::move(names), floats(data), {}};
  if (!arguments.clean.empty()) {
    const Dataset clean = load_images(run, arguments, arguments.clean, common);
    check_pairs(clean, data);
    images.clean = floats(clean);
  }
  if (!arguments.noise.empty()) {
    const Noise noise = Noise::parse(arguments.noise, "--noise");
    images.clean.swap(images.noisy);
    images.noisy.resize(data.rows(), data.cols());
    noise.apply_rows(std::as_const(images.clean).view(), images.noisy, noise_draw(common.seed), 0);
  }
  return images;
}

void check_range(View<const float> clean, const std::string& name) {
  const auto [low, high] = std::minmax_element(clean.data, clean.data + clean.size());
  if (clean.size() > 0 && (*low < 0 || *high > 1))
    throw RequestError(Complaint{name, fmt::format("values from {} to {}", *low, *high),
                                 "clean images in 0…1", "PSNR and SSIM are for such"});
}

// The run's model for images of another size.
std::unique_ptr<Model> resized(const Run& run, RowShape shape, Arena& arena) {
  std::unique_ptr<Model> model = run.entry->make(run.options, shape);
  arena.bind(model->parameters(), Draw{});
  const std::vector<Parameter*>& from = run.arena.parameters();
  const std::vector<Parameter*>& to = arena.parameters();
  bool fits = from.size() == to.size();
  for (std::size_t i = 0; fits && i < from.size(); ++i)
    fits = from[i]->rows == to[i]->rows && from[i]->cols == to[i]->cols;
  if (!fits) return nullptr;
  for (std::size_t i = 0; i < from.size(); ++i)
    std::copy_n(from[i]->value.data, from[i]->size(), to[i]->value.data);
  return model;
}

void check_channels(const Run& run, RowShape shape, const std::string& data) {
  const bool same = shape.image == run.shape.image && shape.channels == run.shape.channels;
  if (same || shape.size() == run.shape.size()) return;
  throw RequestError(
      Complaint{data, fmt::format("rows of {}", shape.text()),
                fmt::format("{}, as {} was trained on", run.shape.text(), run.path),
                run.shape.channels == 1 && names_pictures(data) ? "--grey helps with pictures" : ""});
}

Tensor denoised(const Run& run, const Images& images, const DenoiseArguments& arguments,
                const Common& common) {
  if (!run.standardization.empty())
    throw RequestError(Complaint{run.path, "a run on standardised data", "one on images in 0…1"});
  check_channels(run, images.shape, arguments.data);
  Arena arena;
  std::unique_ptr<Model> other;
  if (images.shape.size() != run.shape.size() || (images.shape.image && images.shape != run.shape)) {
    other = resized(run, images.shape, arena);
    if (!other)
      throw RequestError(Complaint{
          arguments.data, fmt::format("images of {}", images.shape.text()),
          fmt::format("{}, as {} was trained on", run.shape.text(), run.path),
          names_pictures(arguments.data)
              ? "only convolutional networks (--network conv) take any size; --resize HxW helps with pictures"
              : "only convolutional networks (--network conv) take any size"});
  }
  Model& model = other ? *other : *run.model;
  Tensor out(images.noisy.rows(), images.noisy.cols());
  const std::size_t batch = std::clamp<std::size_t>(kBatchValues / images.noisy.cols(), 1, 500);
  ProgressBar bar("denoising", common.quiet);
  for (std::size_t first = 0; first < out.rows(); first += batch) {
    const std::size_t end = std::min(out.rows(), first + batch);
    reconstruct(model, images.noisy.view().slice(first, end), out.view().slice(first, end));
    bar.update(static_cast<double>(end) / static_cast<double>(out.rows()), "");
  }
  return out;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Fields quality(const Images& images, View<const float> result) {
  const View<const float> noisy = images.noisy.view(), clean = images.clean.view();
  Fields fields = {{"rows", result.rows}, {"psnr", mean(psnr(result, clean))}};
  if (has_ssim(images.shape)) fields.emplace_back("ssim", mean(ssim(result, clean, images.shape)));
  fields.emplace_back("noisy_psnr", mean(psnr(noisy, clean)));
  if (has_ssim(images.shape)) fields.emplace_back("noisy_ssim", mean(ssim(noisy, clean, images.shape)));
  return fields;
}

// noisy | denoised | clean, image by image.
void write_picture(const std::string& path, const Images& images, View<const float> result) {
  const std::size_t n = std::min(result.rows, kMostPictured), columns = images.clean.empty() ? 2 : 3;
  Tensor rows(n * columns, result.cols);
  for (std::size_t i = 0; i < n; ++i) {
    const float* sources[] = {images.noisy.row(i), result.row(i),
                              images.clean.empty() ? nullptr : images.clean.row(i)};
    for (std::size_t c = 0; c < columns; ++c) std::copy_n(sources[c], rows.cols(), rows.row(i * columns + c));
  }
  RowsOutput how = {.shape = images.shape};
  how.grid.group = columns;
  how.grid.columns = columns * std::min<std::size_t>(n, 4);
  write_rows(path, rows, how);
}

void denoise(const DenoiseArguments& arguments, const Common& common) {
  if (!arguments.noise.empty() && !arguments.clean.empty())
    throw RequestError(
        Complaint{"--noise", "--clean beside it", "one of the two", "with --noise, DATA is the clean one"});
  const Run run = open(arguments);
  const Images images = load(run, arguments, common);
  if (!images.clean.empty())
    check_range(images.clean.view(), arguments.clean.empty() ? arguments.data : arguments.clean);
  const bool picture = has_ending(arguments.output, ".png");
  if (picture && !images.shape.image)
    throw RequestError(Complaint{arguments.output, fmt::format("rows of {} numbers", images.shape.text()),
                                 "images", "write .npy"});
  check_rows_output(arguments.output, images.shape, common.force, images.names, arguments.data);
  const Tensor result = denoised(run, images, arguments, common);
  if (picture)
    write_picture(arguments.output, images, result);
  else
    write_rows(arguments.output, result, {.shape = images.shape, .names = images.names});
  if (picture && result.rows() > kMostPictured)
    note(fmt::format("the picture shows the first {} of {} images", kMostPictured, result.rows()),
         common.quiet);
  const Fields figures = images.clean.empty() ? Fields{{"rows", result.rows()}} : quality(images, result);
  if (!common.json) print_fields(figures);
  Json facts = to_json(figures);
  facts["shape"] = shape_json(images.shape);
  if (!arguments.noise.empty()) facts["seed"] = common.seed;
  tell_written(arguments.output, facts, common);
}

}  // namespace

Command denoise_command() {
  return {
      .name = "denoise",
      .summary = "Images without their noise, and how much better they are",
      .group = "Train and use a network",
      .examples =
          "  pushforward denoise run photos/ -o cleaned/                        noisy as they stand\n"
          "  pushforward denoise run mnist:test --noise gaussian:0.3 -o look.png  noisy | denoised | clean\n"
          "  pushforward denoise run noisy.npy --clean clean.npy -o out.npy --json",
      .declare = [](CommandLine& line, const Common& common) -> std::function<void()> {
        auto arguments = std::make_shared<DenoiseArguments>();
        add_run(line, *arguments);
        add_data(line, *arguments, true);
        line.text("--noise", arguments->noise,
                  "DATA is clean: make it noisy first (gaussian:SD, salt-pepper:SHARE, "
                  "masking:SHARE)");
        line.text("--clean", arguments->clean,
                  "What DATA should have been, row by row: PSNR and SSIM are printed");
        add_output(line, *arguments, ".npy or a folder/ (denoised), or .png (noisy | denoised | clean)");
        return [arguments, &common] { denoise(*arguments, common); };
      }};
}

}  // namespace pushforward::cli
