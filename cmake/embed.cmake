# SPDX-License-Identifier: Apache-2.0
# Writes the bytes of INPUT as a C++ array named NAME into OUTPUT:
#   cmake -DINPUT=FILE -DNAME=identifier -DOUTPUT=FILE.cpp -P embed.cmake
# As one text of \x… a compiler reads them ten times faster than as a list of numbers.
file(READ ${INPUT} hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "(..)" "\\\\x\\1" text "${hex}")
file(WRITE ${OUTPUT} "extern const unsigned long long ${NAME}_size;
extern const char ${NAME}[];
const unsigned long long ${NAME}_size = ${size};
const char ${NAME}[] = \"${text}\";
")
