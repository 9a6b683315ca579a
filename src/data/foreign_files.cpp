// SPDX-License-Identifier: Apache-2.0
// Formats that are not read: what they are, and how to write them anew.
#include "data/formats.hpp"
#include "io/text_rows.hpp"
#include "pushforward/error.hpp"

namespace pushforward::data {
namespace {

[[noreturn]] void refuse(const FileRequest& request, const char* got, const char* hint,
                         const char* wanted = "NPY, NPZ or safetensors") {
  throw RequestError(Complaint{request.path, got, wanted, hint});
}

Dataset refuse_pickle(const FileRequest& request) {
  refuse(request, "a Python pickle, which may run any program when it is opened",
         "in Python: numpy.save('x.npy', x.numpy()) for a tensor x");
}

Dataset refuse_matlab(const FileRequest& request) {
  refuse(request, "a MATLAB file",
         "in Python: numpy.savez('x.npz', **{k: v for k, v in scipy.io.loadmat('x.mat').items() if k[0] != "
         "'_'})");
}

Dataset refuse_hdf5(const FileRequest& request) {
  refuse(request, "an HDF5 file (also .mat of MATLAB 7.3)",
         "in Python: numpy.save('x.npy', h5py.File('x.h5')['KEY'][:])");
}

// Their sentences are those of a table that is called .csv and is none.
Dataset refuse_table(const FileRequest& request) {
  io::Bytes room;
  io::text_in(io::read_file(request.path), request.path, room);
  refuse(request, "a file of unknown kind", "tables must be called .csv or .tsv", "CSV or TSV");
}

}  // namespace

std::vector<FileFormat> foreign_formats() {
  return {{.name = "", .holds = Holds::nothing, .endings = {".pt", ".pth", ".pkl"}, .read = refuse_pickle},
          {.name = "",
           .holds = Holds::nothing,
           .endings = {},
           .begins = [](std::string_view start) { return start.starts_with("MATLAB 5.0"); },
           .read = refuse_matlab},
          {.name = "",
           .holds = Holds::nothing,
           .endings = {},
           .begins = [](std::string_view start) { return start.starts_with("\x89HDF\r\n"); },
           .read = refuse_hdf5},
          {.name = "",
           .holds = Holds::nothing,
           .endings = {".xlsx", ".xls", ".parquet"},
           .begins =
               [](std::string_view start) {
                 return start.starts_with("PAR1") || start.starts_with("\xD0\xCF\x11\xE0");
               },
           .read = refuse_table}};
}

}  // namespace pushforward::data
