# SPDX-License-Identifier: Apache-2.0
# Writes a manual page and shell completions from what PROGRAM says of itself:
#   cmake -DPROGRAM=… -DFOLDER=… -P manual.cmake
function(ask result)
  execute_process(COMMAND ${PROGRAM} ${ARGN} OUTPUT_VARIABLE text RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${PROGRAM} ${ARGN} ended with ${status}")
  endif()
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

# Text as it stands: no line is filled, and neither a backslash nor a dot at a line's beginning means anything.
function(verbatim result text)
  string(REPLACE "\\" "\\e" text "${text}")
  string(REGEX REPLACE "(^|\n)([.'])" "\\1\\\\&\\2" text "${text}")
  set(${result} ".nf\n${text}\n.fi\n" PARENT_SCOPE)
endfunction()

ask(version --version)
string(STRIP "${version}" version)
ask(overview --help)
verbatim(body "${overview}")
set(page ".TH PUSHFORWARD 1 \"\" \"${version}\" \"User Commands\"\n.SH NAME\npushforward \\- generative networks, and the \
distances between distributions that train them\n.SH SYNOPSIS\n.B pushforward\nCOMMAND [options]\n.SH COMMANDS\n${body}")
string(REGEX MATCHALL "\n  [a-z][a-z-]*" commands "${overview}")
foreach(command ${commands})
  string(STRIP "${command}" command)
  ask(help ${command} --help)
  verbatim(body "${help}")
  string(TOUPPER ${command} title)
  string(APPEND page ".SH ${title}\n${body}")
endforeach()
file(WRITE ${FOLDER}/pushforward.1 "${page}")
foreach(shell bash zsh fish)
  ask(script completion ${shell})
  file(WRITE ${FOLDER}/completion.${shell} "${script}")
endforeach()
