# SPDX-License-Identifier: BSD-3-Clause
# Makes every symbol of OBJECT local but SYMBOL, and writes OUTPUT. Fails if anything else stays visible to the linker.
#
# Why: inline functions and templates (the standard library's too) are weak symbols, of which the linker keeps one and
# discards the others. Were it the copy of a file compiled for AVX-512, the rest of the program would run it on any processor.
#   1  ld -r dissolves COMDAT groups: the linker drops all but one group of a name, whether its symbols are local or not.
#      isolate.ld turns static initialisers into a table.
#   2  objcopy makes the symbols local, and the table plain data: some linkers know it by its section's type.
cmake_path(REMOVE_EXTENSION OUTPUT LAST_ONLY OUTPUT_VARIABLE joined)
string(APPEND joined ".joined.o")
execute_process(
    COMMAND "${COMPILER}" ${COMPILER_OPTIONS} -r -nostdlib -fuse-ld=bfd
        "-Wl,-T,${CMAKE_CURRENT_LIST_DIR}/isolate.ld" -Wl,--force-group-allocation "${OBJECT}" -o "${joined}"
    COMMAND_ERROR_IS_FATAL ANY)
execute_process(
    COMMAND "${OBJCOPY}" "--keep-global-symbol=${SYMBOL}"
        --rename-section fovea_init_array=fovea_initialisers,alloc,load,data,contents "${joined}" "${OUTPUT}"
    COMMAND_ERROR_IS_FATAL ANY)
file(REMOVE "${joined}")

execute_process(COMMAND "${NM}" --extern-only --defined-only "${OUTPUT}" OUTPUT_VARIABLE visible COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${OBJDUMP}" -h "${OUTPUT}" OUTPUT_VARIABLE sections COMMAND_ERROR_IS_FATAL ANY)
string(STRIP "${visible}" visible)
set(problem "")
if(NOT visible MATCHES "^[0-9a-f]+ [A-Z] ${SYMBOL}$")
    set(problem "visible symbols besides ${SYMBOL}:\n${visible}")
elseif(sections MATCHES "[.](init_array|ctors|preinit_array)")
    set(problem "static initialisers that would run on any processor")
endif()
if(problem)
    file(REMOVE "${OUTPUT}")
    message(FATAL_ERROR "fovea_add_model: ${OUTPUT} has ${problem}")
endif()
