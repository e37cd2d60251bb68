// SPDX-License-Identifier: BSD-3-Clause
// What do the lints say of the families?
#pragma once

/// Prints each network's findings, the first of each rule.
void print_findings();
