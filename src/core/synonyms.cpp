// SPDX-License-Identifier: Apache-2.0
// The table: what is meant, and the words that people use for it. One word may stand in several rows; the
// first row whose word is valid where it was typed is the one that was meant.
#include "core/synonyms.hpp"

#include <algorithm>
#include <array>

namespace pushforward {
namespace {

struct Row {
  std::string_view meant, others;  // as plain_word() gives them, between blanks
};

constexpr std::array kRows = {
    // Options.
    Row{"rate", "lr learningrate eta stepsize lrate"},
    Row{"batch", "batchsize bs minibatch minibatchsize"},
    Row{"level", "alpha significance significancelevel siglevel"},
    Row{"epochs", "nepochs numepochs maxepochs passes nepoch"},
    Row{"steps", "iterations iters niter niters numiterations maxiter maxsteps numsteps nsteps updates"},
    Row{"hidden", "hiddenlayers hiddendim hiddendims hiddensize hiddensizes hiddenunits layersizes"},
    Row{"latent",
        "latentdim latentsize latentdims zdim zsize codesize bottleneck ncomponents components nlatent"},
    Row{"clip-norm", "gradclip clipgrad clipgradnorm gradientclipping gradientclip maxgradnorm gradnorm"},
    Row{"weight-decay", "wd l2reg l2regularization"},
    Row{"validation", "val valsplit validationsplit validset validfraction holdout"},
    Row{"patience", "earlystopping earlystop"},
    Row{"optimizer", "opt optim optimiser"},
    Row{"schedule", "scheduler lrschedule lrscheduler lrdecay"},
    Row{"seed", "randomstate randomseed rngseed"},
    Row{"threads", "jobs njobs numthreads nthreads numworkers workers"},
    Row{"output", "out outdir outputdir outfile savedir saveto"},
    Row{"force", "overwrite replace"},
    Row{"quiet", "silent noprogress"},
    Row{"metrics", "metric distance distances"},
    Row{"metric", "metrics distance"},
    Row{"permutations", "npermutations numpermutations nperm perms"},
    Row{"count", "num nsamples numsamples samples number"},
    Row{"samples", "nsamples numsamples count"},
    Row{"standardize", "standardise scale zscore standardscaler"},
    Row{"grey", "gray grayscale greyscale"},
    Row{"label-column", "target targetcolumn labelcol labelscolumn classcolumn"},
    Row{"network", "arch architecture backbone"},
    Row{"initial", "initialization initialisation initializer weightinit"},
    Row{"eps", "epsilon reg regularization regularisation"},
    Row{"bandwidth", "sigma lengthscale kernelwidth"},
    // Distances and divergences.
    Row{"kl", "kld kldiv kldivergence kullbackleibler klknn"},
    Row{"kl-knn", "kl kld kldiv kldivergence kullbackleibler"},
    Row{"reverse-kl", "rkl klreverse reversedkl"},
    Row{"frechet", "fid frechetdistance frechetinceptiondistance fd"},
    Row{"w1",
        "emd earthmover earthmovers earthmoverdistance wasserstein wasserstein1 kantorovich "
        "wassersteindistance"},
    Row{"w2", "wasserstein2 ot optimaltransport wasserstein"},
    Row{"w", "wassersteinp"},
    Row{"sliced", "swd slicedwasserstein sw"},
    Row{"max-sliced", "maxslicedwasserstein maxsw"},
    Row{"sinkhorn", "entropic entropicot sinkhorndivergence sinkhorndistance"},
    Row{"energy", "energydistance"},
    Row{"mmd", "mmd2 maximummeandiscrepancy kernelmmd"},
    Row{"js", "jsd jensenshannon jensenshannondivergence"},
    Row{"jsd-critic", "js jsd jensenshannon gan"},
    Row{"tv", "tvd totalvariation totalvariationdistance"},
    Row{"chi2", "chisquare chisquared chisq pearson"},
    Row{"prdc", "precision recall precisionrecall improvedprecisionrecall density coverage"},
    Row{"c2st", "classifier classifiertwosampletest"},
    Row{"c2st-logit", "classifier classifiertwosampletest c2stl"},
    Row{"mmdagg", "aggregated mmdaggregated"},
    Row{"mmd-fuse", "fuse mmdfuse"},
    Row{"w1-critic", "wgan wgangp"},
    // Kernels, activations, layers, weights, losses.
    Row{"gaussian", "rbf squaredexponential normal gauss"},
    Row{"normal", "gaussian gauss"},
    Row{"laplacian", "laplace"},
    Row{"laplace", "laplacian"},
    Row{"imq", "inversemultiquadric inversemultiquadratic"},
    Row{"rq", "rationalquadratic"},
    Row{"silu", "swish"},
    Row{"leaky-relu", "lrelu"},
    Row{"sigmoid", "logistic"},
    Row{"linear", "identity none id"},
    Row{"xavier", "glorot glorotuniform xavieruniform"},
    Row{"he", "kaiming kaimingnormal henormal"},
    Row{"batch-norm", "bn batchnormalization batchnormalisation batchnorm2d batchnorm1d"},
    Row{"layer-norm", "ln layernormalization layernormalisation"},
    Row{"group-norm", "gn groupnormalization"},
    Row{"dense", "fc fullyconnected linear"},
    Row{"conv", "conv2d convolution cnn convolutional"},
    Row{"mlp", "dense fc fullyconnected"},
    Row{"bernoulli", "bce binarycrossentropy crossentropy"},
    Row{"bce", "crossentropy binarycrossentropy bernoulli"},
    Row{"mse", "l2 squarederror squared"},
    // Models, data and commands.
    Row{"ae", "autoencoder"},
    Row{"dae", "denoising denoisingautoencoder"},
    Row{"sae", "stacked stackedautoencoder"},
    Row{"vae", "betavae variational variationalautoencoder"},
    Row{"wae", "wassersteinautoencoder"},
    Row{"gan", "dcgan"},
    Row{"wgan", "wgangp wassersteingan"},
    Row{"gmmn", "mmdnet momentmatching"},
    Row{"fa", "factoranalysis"},
    Row{"pca", "principalcomponents principalcomponentanalysis"},
    Row{"fashion-mnist", "fashion fmnist"},
    Row{"train", "fit"},
    Row{"sample", "generate"},
    Row{"evaluate", "eval score"},
    Row{"run", "info describe"},
    Row{"test", "twosample permutationtest"},
};

bool holds(std::string_view list, std::string_view word) {
  for (std::size_t at = list.find(word); at != std::string_view::npos; at = list.find(word, at + 1)) {
    const bool begins = at == 0 || list[at - 1] == ' ';
    const std::size_t end = at + word.size();
    if (begins && (end == list.size() || list[end] == ' ')) return true;
  }
  return false;
}

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string plain_word(std::string_view word) {
  std::string out;
  for (const char c : word)
    if (c != '-' && c != '_' && c != ' ') out += small(c);
  return out;
}

std::vector<std::string_view> words_meant(std::string_view plain) {
  std::vector<std::string_view> meant;
  if (plain.empty()) return meant;
  for (const Row& row : kRows)
    if (holds(row.others, plain)) meant.push_back(row.meant);
  return meant;
}

}  // namespace pushforward
