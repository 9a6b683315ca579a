# SPDX-License-Identifier: Apache-2.0
# What was added is listed, explained, used, tested and completed, as what was there before.
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
file(WRITE ${WORK}/x.pairs "0 0\n2 2\n")
file(WRITE ${WORK}/y.pairs "4 1\n4 1\n")

# expect(WANTED WORD…): what the program prints of these words, which it must take.
function(expect wanted)
  execute_process(COMMAND ${PROGRAM} ${ARGN} WORKING_DIRECTORY ${WORK} RESULT_VARIABLE status OUTPUT_VARIABLE out
                  ERROR_VARIABLE err)
  if(NOT status EQUAL 0 OR NOT out MATCHES "${wanted}")
    message(SEND_ERROR "${ARGN}: status ${status}, wanted ${wanted}, got\n${out}${err}")
  endif()
endfunction()

expect("0 broken promises" added-command)
expect("added-command +Check what was added" --help)

expect("max_k" distance --list)
expect("\"value\":3.0," distance x.pairs y.pairs -m added-distance --json --quiet)
expect("added-distance" test toy:moons:n=30 toy:moons:n=30 -m added-distance --permutations 99 --quiet)

expect("added-divergence" divergence --list)
expect("0.25" divergence 0.5,0.5 0.25,0.75 -m added-divergence --quiet)

expect("rows +2" data show x.pairs)
expect("x.N\\(μ, σ²I\\)|x ~ N" train added-model --help)
expect("" train added-model toy:moons:n=50 -o run --quiet)
expect("log_likelihood" evaluate run)
expect("" sample run -n 5 -o z.pairs)
expect("rows +5" data show z.pairs)
expect("" train ae toy:moons:n=50 -o layers --network "dense 3, added-layer 3" --latent 1 --steps 3 --quiet)
expect("added-layer" run layers --json)
expect("added-model" completion bash)
