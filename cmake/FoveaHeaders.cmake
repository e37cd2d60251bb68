# SPDX-License-Identifier: BSD-3-Clause
# Which headers do given ones reach? The include lines say to which target a header belongs: no list is kept by hand.

# fovea_reached_headers(result header...): the headers, given as include/fovea/..., and what of fovea they include, directly
# or not.
function(fovea_reached_headers result)
    set(reached ${ARGN})
    set(next 0)
    list(LENGTH reached count)
    while(next LESS count)
        list(GET reached ${next} file)
        file(STRINGS "${PROJECT_SOURCE_DIR}/${file}" lines REGEX "^#include <fovea/[^>]+>")
        list(TRANSFORM lines REPLACE "^#include <([^>]+)>.*" "include/\\1")
        list(APPEND reached ${lines})
        list(REMOVE_DUPLICATES reached)
        list(LENGTH reached count)
        math(EXPR next "${next} + 1")
    endwhile()
    set(${result} ${reached} PARENT_SCOPE)
endfunction()
