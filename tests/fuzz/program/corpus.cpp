// SPDX-License-Identifier: Apache-2.0
#include "program/corpus.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "io/atomic_file.hpp"
#include "io/jpeg.hpp"
#include "io/npy.hpp"
#include "io/npz.hpp"
#include "io/png.hpp"
#include "io/safetensors.hpp"
#include "support/run_limited.hpp"
#include "unit/io/io_files.hpp"

namespace pushforward::fuzz {
namespace {

using testing::Outcome;
using testing::run_limited;

constexpr double kPatience = 300;  // seconds for a command that makes part of the corpus

// Words between blanks; a ~ is a blank inside a word.
Words words_of(const std::string& line) {
  std::istringstream in(line);
  Words words;
  for (std::string word; in >> word;) {
    std::replace(word.begin(), word.end(), '~', ' ');
    words.push_back(word);
  }
  return words;
}

std::vector<Words> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<Words> lines;
  for (std::string line; std::getline(in, line);)
    if (Words words = words_of(line); !words.empty()) lines.push_back(std::move(words));
  return lines;
}

io::Bytes pixels(std::size_t count) {
  io::Bytes bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(i * 37 % 251);
  return bytes;
}

// What a reader finds in the folder of somebody else: pictures of each kind, and arrays as others keep them.
void write_photographs(const std::string& folder) {
  std::filesystem::create_directory(folder + "/photos");
  io::Image image(9, 7, 3);
  image.pixels = pixels(189);
  io::write_file(folder + "/photos/0.jpg", io::text_of(io::encode_jpeg(image, 80, false)));
  io::write_file(folder + "/photos/1.jpg", io::text_of(io::encode_jpeg(image, 80, true)));
  io::write_png(folder + "/photos/2.png", image);
  const std::vector<float> rows = {1, 2, 3, 5, 7, 11, 13, 17};
  io::write_safetensors(folder + "/w.safetensors",
                        {{"w", io::ArrayView(std::span<const float>(rows), {4, 2})}}, {{"format", "pt"}});
}

void write_by_hand(const std::string& folder) {
  const auto write = [&](const std::string& name, const io::Bytes& bytes) {
    io::write_file(folder + "/" + name, io::text_of(bytes));
  };
  write("img.npy", io::npy_bytes("|u1", false, "(12, 8, 8)", pixels(12 * 64)));
  write("one.npz", io::numpy_npz());
  write("i-idx3-ubyte", io::idx_bytes(8, {12, 8, 8}, pixels(12 * 64)));
  write("i-idx1-ubyte", io::idx_bytes(8, {12}, io::Bytes(12, 3)));
  write("j-idx3-ubyte.gz", io::gzipped(io::idx_bytes(8, {12, 8, 8}, pixels(12 * 64))));
  io::write_file(folder + "/t.csv", "a,b,kind\n1,2,x\n3,4.5,y\n-1,1e-3,x\n0,7,\"y\"\n2,2,x\n9,1,y\n");
  io::write_file(folder + "/t.tsv", "1\t2\n3\t4\n5\t7\n-1\t0\n");
  io::write_file(folder + "/p.csv", "0.5\n0.3\n0.2\n");
  io::write_file(folder + "/labels.txt", "1\n2\n1\n2\n1\n2\n1\n2\n1\n2\n1\n2\n");
  io::write_file(folder + "/o.toml",
                 "model = \"ae\"\ndata = \"x.npy\"\nlatent = 2\n[options]\nepochs = 1\n"
                 "hidden = [4, 3]\nrate = 1e-3\n");
  std::filesystem::create_directory(folder + "/png");
  for (const char* name : {"/png/0.png", "/png/1.png", "/png/2.png"}) {
    io::Image image(6, 5, 3);
    image.pixels = pixels(90);
    io::write_png(folder + name, image);
  }
  write_photographs(folder);
}

void write_by_program(const std::string& folder, const std::string& program) {
  for (const Words& words : lines_of(R"(
      data make toy:gaussian:n=40,d=3 -o x.npy
      data make toy:gaussian:n=30,d=3,seed=5 -o y.npy
      data make toy:moons:n=40 -o m.npy
      train vae x.npy -o run --latent 2 --hidden 4 --likelihood gaussian:learned --epochs 1 --batch 16
      train ae img.npy -o seen --latent 2 --hidden 4 --epochs 1
      train gan m.npy -o gen --hidden 4 --critic-hidden 4 --epochs 1
      train vae m.npy -o plane --latent 2 --hidden 4 --likelihood gaussian:learned --epochs 1
      train pca x.npy -o lin --latent 2
      train flow m.npy -o way --hidden 4 --epochs 1 --monitor none
      encode run x.npy -o z.npy
      transport x.npy y.npy -o plan.npz)"))
    if (const Outcome made = run_limited(program, words, folder, kPatience); made.status != 0)
      throw std::runtime_error("corpus: " + made.err);
}

}  // namespace

void write_corpus(const std::string& folder, const std::string& program) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  write_by_hand(folder);
  write_by_program(folder, program);
}

const std::vector<Words>& good_commands() {
  static const std::vector<Words> commands = lines_of(R"(
      data show t.csv --label-column kind --json
      data show img.npy --labels labels.txt -o out.png
      data show img.npy@2:7
      data show i-idx3-ubyte[3]@0:2
      data show png --resize 4x4 --grey
      data make toy:8gaussians:n=20,scale=2,noise=0.1,seed=3 -o out.csv
      data make toy:lines:theta=0.5,n=9 -o out.tsv
      data make toy:gaussian:n=9,d=4,mean=1 -o out.npy
      data list --json
      train vae x.npy -o out --latent 2 --hidden 4,3 --likelihood gaussian:learned --epochs 2 --batch 16 --beta 2 --draws 2
      train vae img.npy -o out --latent 2 --hidden 8 --steps 3 --binarize --warmup 2 --ema 0.9
      train iwae x.npy -o out --latent 2 --hidden 4 --likelihood gaussian:0.5 --importance 3 --steps 2
      train ae x.npy -o out --latent 2 --hidden none --optimizer sgd:momentum=0.9,nesterov=yes --rate 0.01 --steps 3
      train ae img.npy -o out --latent 3 --network conv --steps 2 --precision bf16
      train ae img.npy -o out --latent 3 --network conv~4~3x3/2,~relu,~dense~5 --steps 2
      train ae t.csv -o out --label-column kind --latent 1 --hidden 3 --epochs 1 --validation 0.3 --patience 1
      train sae x.npy -o out --hidden 4 --latent 2 --epochs 1 --pretrain-epochs 1 --corruption 0.1,0.2
      train dae img.npy -o out --latent 3 --network mlp --hidden 5 --noise gaussian:0.2 --steps 2
      train wae x.npy -o out --latent 2 --hidden 4 --distance mmd:kernel=imq --distance-weight 2 --steps 2
      train generator m.npy -o out --distance sinkhorn:p=1,eps=0.1 --hidden 4 --samples 8 --steps 2
      train generator m.npy -o out --distance f-critic:divergence=kl --hidden 4 --critic-steps 2 --steps 2 --pack 2
      train gan m.npy -o out --hidden 4 --critic-hidden 4 --steps 2 --norm batch --instance-noise 0.1
      train wgan m.npy -o out --hidden 4 --critic-hidden 4 --steps 2 --distance w1-critic:lipschitz=clip+0.01
      train gmmn m.npy -o out --hidden 4 --steps 2 --monitor w1,energy --monitor-every 1 --watch w1
      train pca x.npy -o out --latent 2
      train ppca x.npy -o out --latent 1
      train fa x.npy -o out --latent 1
      train --config o.toml -o out --seed 3 --threads 1
      train --resume run --epochs 2 --rate 0.001 --clip-norm 1
      train ae x.npy --summary --latent 2
      train ae x.npy -o out --latent 2 --steps 4 --schedule step:2,factor=0.5 --activation elu --initial orthogonal
      sample run -n 5 -o out.npy
      sample gen -n 7 -o out.png --seed 3
      sample run -n 5 --draw -o out.csv --weights last
      encode run x.npy -o out.npy
      decode run z.npy -o out.csv
      reconstruct seen img.npy -o out.png
      manifold plane -o out.png --grid 3 --spacing linear --range 2
      interpolate seen img.npy --from 0 --to 5 --steps 4 -o out.png
      export seen --part decoder -o out.onnx
      evaluate run x.npy --draws 2 --importance 4 --json
      evaluate run x.npy@0:20 -m energy,w2 --samples 20 --scores out.csv
      evaluate lin
      evaluate gen m.npy --samples 30
      compare run lin --data x.npy --samples 20 -o out.html
      report run -o out.html
      run run --json
      distance x.npy y.npy -m mmd:estimator=biased,bandwidth=1+2,energy,w1,w2,w:p=3
      distance x.npy y.npy -m sinkhorn:eps=0.1,sliced:projections=10,max-sliced:projections=5,kl-knn:k=3
      distance x.npy y.npy -m prdc:k=3,frechet,c2st --json
      distance m.npy m.npy@0:20 -m histogram:divergence=js,bins=5
      test x.npy y.npy -m mmd:kernel=laplacian,energy --permutations 50 --level 0.1
      divergence 0.5,0.3,0.2 0.2,0.3,0.5 -m tv,renyi:alpha=2,w1 --positions 0,1,3 --bits
      divergence p.csv 0.1,0.2,0.7
      entropy 0.5,0.3,0.2 --bits
      entropy --samples x.npy -k 3
      code 0.5,0.25,0.25 --words 0,10,11
      code 0.5,0.3,0.2 --for 0.2,0.3,0.5 --json
      density normal(0,1) 0.5*normal(-2,1)+0.5*laplace(2,1) -m kl,js,w1
      density uniform(0,2) normal(1,3) -m tv
      transport x.npy y.npy -p 1.5 -o out.npz
      transport x.npy y.npy --cost euclidean --json
      animate m.npy --distance sinkhorn --particles 20 --steps 3 --frames 2 -o out.gif
      animate m.npy --distance w1-critic:hidden=4,steps=5 --particles 20 --steps 2 --frames 2 -o out.gif
      data show photos --resize 5x4 --fit pad -o out.png
      data show w.safetensors:w --json
      train vae photos -o out --latent 2 --hidden 4 --steps 2 --resize 6x6 --likelihood gaussian:learned
      train flow m.npy -o out --hidden 4 --steps 2 --coupling sinkhorn:eps=0.1 --sigma 0.1 --monitor none
      train flow m.npy -o out --hidden 4 --steps 2 --source uniform:2 --coupling exact --solver rk4:steps=5
      sample way -n 5 -o out.npy --solver euler:steps=3
      evaluate way m.npy --samples 20 --json
      denoise seen img.npy --noise gaussian:0.2 -o out.npy --json
      denoise seen img.npy --clean img.npy -o out.png
      witness x.npy y.npy -m mmd:bandwidth=1 --at y.npy -o out.csv
      witness m.npy m.npy@0:20 -m w1,energy,sinkhorn:eps=0.5 -o out.svg
      witness m.npy toy:moons:n=20 -m w1-critic:hidden=4,steps=5 -o out.png
      distance x.npy y.npy -m sinkhorn:eps=1e9 --gradient out.csv
      distance x.npy y.npy -m sinkhorn:eps-absolute=0.3,debias=no,iterations=20,tolerance=0 --repeat 2
      fit normal(0,1) --family laplace --by kl,js
      fit p.csv --family gamma --by kl --json
      learn-theta toy:lines:theta --by w1,energy --steps 3 --batch 8 -o out.csv
      learn-theta toy:gaussian:d=1,mean=theta --truth 2 --start -1 --by w1-critic:hidden=4 --steps 2 --critic-steps 2
      divergence 0.5,0.3,0.2 0.2,0.3,0.5 0.1,0.1,0.8 -m js
      entropy 0.1,0.2;0.3,0.4 --json
      density mvnormal(0+0,1+0+0+1) mvnormal(1+0,2+0.5+0.5+1) -m kl,w2
      density mvnormal(0+0,1+0.5+0.5+1) --split 1
      completion bash
      distance --list
      train vae --help
      --version)");
  return commands;
}

const std::vector<FileKind>& file_kinds() {
  static const std::vector<Words> arrays = lines_of(
      "data show FILE --json\ndistance FILE y.npy -m energy,w1\ntrain ae FILE -o out --latent 1 --hidden 3 "
      "--steps 2\n"
      "evaluate run FILE --samples 10\ndata show x.npy --labels FILE\ntransport x.npy y.npy --weights-x "
      "FILE\n");
  static const std::vector<Words> pictures = lines_of(
      "data show FILE\ntrain ae FILE -o out --latent 1 --hidden 3 --steps 2\nencode seen FILE -o out.csv\n");
  static const std::vector<Words> tables = lines_of(
      "data show FILE --json\ndata show FILE --label-column kind\ntrain pca FILE -o out --latent 1\n"
      "divergence FILE 0.5,0.5\nentropy FILE\ncode FILE\n");
  static const std::vector<Words> runs = lines_of(
      "run run --json\nevaluate run x.npy --samples 10\nsample run -n 3 -o out.npy\ntrain --resume run "
      "--epochs 2\n"
      "report run -o out.html\nevaluate run x.npy --weights last --samples 10\n");
  static const std::vector<FileKind> kinds = {
      {"x.npy", arrays},
      {"img.npy", pictures},
      {"one.npz", lines_of("data show FILE\ndata show FILE:a\n")},
      {"plan.npz", lines_of("data show FILE:mass\ndata show FILE\n")},
      {"i-idx3-ubyte", pictures},
      {"i-idx1-ubyte", lines_of("data show i-idx3-ubyte\n")},
      {"j-idx3-ubyte.gz", pictures},
      {"t.csv", tables},
      {"t.tsv", tables},
      {"p.csv",
       lines_of("divergence FILE 0.2,0.3,0.5\nentropy FILE\ncode FILE\ndivergence 0.2,0.3,0.5 FILE -m w2\n")},
      {"labels.txt", lines_of("data show img.npy --labels FILE\n")},
      {"png/0.png", lines_of("data show png\ndata show png --resize 3x3 --grey\n")},
      {"photos/0.jpg", lines_of("data show photos --resize 3x3\ndata show FILE\n")},
      {"photos/1.jpg", lines_of("data show photos --skip-broken --resize 9x9\ndata show FILE --grey\n")},
      {"w.safetensors", lines_of("data show FILE:w\ndistance FILE m.npy -m energy\n")},
      {"way/model.safetensors", lines_of("sample way -n 3 -o out.npy\n")},
      {"o.toml", lines_of("train --config FILE -o out\n")},
      {"run/config.toml", runs},
      {"run/checkpoint.safetensors", runs},
      {"run/model.safetensors", runs},
      {"run/metrics.jsonl", runs},
      {"z.npy", lines_of("decode run FILE -o out.npy\n")},
  };
  return kinds;
}

const Words& hostile_words() {
  static const Words words = {"-1",
                              "0",
                              "1",
                              "-9223372036854775808",
                              "9223372036854775807",
                              "18446744073709551615",
                              "18446744073709551616",
                              "99999999999999999999",
                              "4611686018427387904",
                              "2305843009213693953",
                              "1e308",
                              "-1e-320",
                              "1e999",
                              "nan",
                              "inf",
                              "-inf",
                              "",
                              " ",
                              "-",
                              "--",
                              "=",
                              ":",
                              ",",
                              "@",
                              "[]",
                              "0x10",
                              "1.5",
                              "3\n4",
                              "\x1b[31mred",
                              "a\tb",
                              "\xff\xfe",
                              "\xc2\x9b",
                              "äöü",
                              "/dev/null",
                              "/",
                              ".",
                              "..",
                              "none",
                              "yes",
                              std::string(300, 'a'),
                              std::string(5000, '7'),
                              std::string(3000, '('),
                              std::string(3000, ','),
                              std::string(2000, ':')};
  return words;
}

}  // namespace pushforward::fuzz
