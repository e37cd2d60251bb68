// SPDX-License-Identifier: BSD-3-Clause
// Which release is this? The only place of the version number; CMake and the package read it from here.
#pragma once

#define FOVEA_VERSION_MAJOR 0
#define FOVEA_VERSION_MINOR 1
#define FOVEA_VERSION_PATCH 0

/// One number for `#if FOVEA_VERSION >= ...`: major * 10000 + minor * 100 + patch.
#define FOVEA_VERSION (FOVEA_VERSION_MAJOR * 10000 + FOVEA_VERSION_MINOR * 100 + FOVEA_VERSION_PATCH)
