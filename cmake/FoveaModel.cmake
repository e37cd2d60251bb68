# SPDX-License-Identifier: BSD-3-Clause
# How does one program hold engines for several instruction sets? fovea_add_model, for users: here, in find_package(fovea)
# and by add_subdirectory or FetchContent.

# fovea_add_model(target NET Type HEADER file [CLASS name] [ARCHS level...] [OPTIONS tag...] [LIBRARIES target...])
#
# A static library with one class, derived from fovea::model (fovea/execute/model.hpp), that runs the network NET at the highest
# level that the processor has. HEADER declares NET.
#   CLASS      models::segment by default for the target segment; its header is then <models/segment.hpp>
#   ARCHS      x86-64, x86-64-v2, x86-64-v3, x86-64-v4; by default all but the first. On other processors: one engine, for the
#              compiler's default.
#   OPTIONS    the engine's: batch<32> threads<2> fast
#   LIBRARIES  what HEADER needs besides fovea
# The engine is compiled once a level, in files whose symbols are hidden from all others (see model/isolate.cmake).
function(fovea_add_model target)
    cmake_parse_arguments(PARSE_ARGV 1 model "" "NET;HEADER;CLASS" "ARCHS;OPTIONS;LIBRARIES")
    if(model_UNPARSED_ARGUMENTS OR NOT model_NET OR NOT model_HEADER)
        message(FATAL_ERROR "fovea_add_model(${target}): needs NET and HEADER; not understood: '${model_UNPARSED_ARGUMENTS}'")
    endif()
    if(NOT TARGET fovea::fovea)
        message(FATAL_ERROR "fovea_add_model(${target}): needs the target fovea::fovea; see its dependencies")
    endif()
    set(templates "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/model")

    if(NOT model_CLASS)
        set(model_CLASS "models::${target}")
    endif()
    if(NOT model_CLASS MATCHES "^([A-Za-z_][A-Za-z0-9_:]*)::([A-Za-z_][A-Za-z0-9_]*)$")
        message(FATAL_ERROR "fovea_add_model(${target}): CLASS must be a name in a namespace, such as models::segment, "
            "not '${model_CLASS}'")
    endif()
    set(namespace "${CMAKE_MATCH_1}")
    set(class "${CMAKE_MATCH_2}")
    string(REPLACE "::" "/" include "${model_CLASS}.hpp")
    string(REPLACE "::" "_" prefix "fovea_level_${model_CLASS}")

    set(known x86-64 x86-64-v2 x86-64-v3 x86-64-v4)
    if(NOT model_ARCHS)
        set(model_ARCHS x86-64-v2 x86-64-v3 x86-64-v4)
    endif()
    foreach(level IN LISTS model_ARCHS)
        if(NOT level IN_LIST known)
            message(FATAL_ERROR "fovea_add_model(${target}): ARCHS takes ${known}, not '${level}'")
        endif()
    endforeach()
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
        set(levels ${model_ARCHS})
        list(REMOVE_DUPLICATES levels)
        list(SORT levels)  # the names sort as the levels do
        if(NOT UNIX OR APPLE OR NOT CMAKE_OBJCOPY OR NOT CMAKE_NM OR NOT CMAKE_OBJDUMP)
            message(FATAL_ERROR "fovea_add_model(${target}): needs ELF object files, GNU ld and objcopy")
        endif()
    else()
        set(levels generic)
    endif()

    get_filename_component(header "${model_HEADER}" ABSOLUTE)
    set(net "${model_NET}")
    list(JOIN model_OPTIONS ", " options)
    set(options_behind "")
    if(options)
        set(options_behind ", ${options}")
    endif()
    list(JOIN levels ", " levels_text)
    list(LENGTH levels count)
    set(output "${CMAKE_CURRENT_BINARY_DIR}/${target}_model")

    set(objects "")
    set(declarations "extern \"C\" {\n")
    set(pointers "")
    foreach(level IN LISTS levels)
        string(MAKE_C_IDENTIFIER "${prefix}_${level}" symbol)
        string(APPEND declarations "[[gnu::visibility(\"hidden\")]] extern const fovea::model_level ${symbol};\n")
        list(APPEND pointers "&${symbol}")
        set(source "${output}/${level}.cpp")
        configure_file("${templates}/level.cpp.in" "${source}" @ONLY)

        set(library "${target}_${level}")
        add_library(${library} OBJECT "${source}")
        target_link_libraries(${library} PRIVATE fovea::fovea ${model_LIBRARIES})
        # No link-time optimisation: its objects have no symbols to hide. The rest makes less work for isolate.cmake.
        set_target_properties(${library} PROPERTIES POSITION_INDEPENDENT_CODE ON INTERPROCEDURAL_OPTIMIZATION OFF
            CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON UNITY_BUILD OFF)
        target_compile_options(${library} PRIVATE -fno-lto
            "$<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>" "$<$<CXX_COMPILER_ID:Clang>:-fno-addrsig>")
        if(level STREQUAL "generic")
            list(APPEND objects "$<TARGET_OBJECTS:${library}>")
            continue()
        endif()
        target_compile_options(${library} PRIVATE "-march=${level}")
        target_compile_definitions(${library} PRIVATE FOVEA_MODEL_ISOLATED)
        set(object "${output}/${level}.o")
        set(compiler_options "")
        if(CMAKE_CXX_COMPILER_TARGET)
            set(compiler_options "--target=${CMAKE_CXX_COMPILER_TARGET}")
        endif()
        add_custom_command(OUTPUT "${object}"
            COMMAND "${CMAKE_COMMAND}" "-DOBJECT=$<TARGET_OBJECTS:${library}>" "-DOUTPUT=${object}" "-DSYMBOL=${symbol}"
                "-DCOMPILER=${CMAKE_CXX_COMPILER}" "-DCOMPILER_OPTIONS=${compiler_options}" "-DOBJCOPY=${CMAKE_OBJCOPY}"
                "-DNM=${CMAKE_NM}" "-DOBJDUMP=${CMAKE_OBJDUMP}" -P "${templates}/isolate.cmake"
            DEPENDS ${library} "$<TARGET_OBJECTS:${library}>" "${templates}/isolate.cmake" "${templates}/isolate.ld"
            COMMENT "Hiding the symbols of ${target} for ${level}" VERBATIM)
        set_source_files_properties("${object}" PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
        list(APPEND objects "${object}")
    endforeach()
    string(APPEND declarations "}")
    list(JOIN pointers ", " pointers)

    configure_file("${templates}/model.hpp.in" "${output}/${include}" @ONLY)
    configure_file("${templates}/model.cpp.in" "${output}/model.cpp" @ONLY)
    add_library(${target} STATIC "${output}/model.cpp" ${objects})
    target_include_directories(${target} PUBLIC "${output}")
    # fovea::dsl: what a user of the class includes needs neither xtensor nor xsimd.
    target_link_libraries(${target} PUBLIC fovea::dsl PRIVATE fovea::fovea ${model_LIBRARIES})
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
endfunction()
