# SPDX-License-Identifier: BSD-3-Clause
# Which compilers are messages and reports tested with? The configured one, and the other of g++ and clang++ if it is
# there.
# fovea_message_compilers: a list of "compiler|label suffix"; the suffix is empty for the configured one, else "_other".
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    find_program(FOVEA_OTHER_COMPILER NAMES clang++ DOC "A second compiler for messages and reports; may be absent")
else()
    find_program(FOVEA_OTHER_COMPILER NAMES g++ DOC "A second compiler for messages and reports; may be absent")
endif()
set(fovea_message_compilers "${CMAKE_CXX_COMPILER}|")
if(FOVEA_OTHER_COMPILER)
    list(APPEND fovea_message_compilers "${FOVEA_OTHER_COMPILER}|_other")
endif()
