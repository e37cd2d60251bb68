// SPDX-License-Identifier: BSD-3-Clause
// How many processors may this process use? Not all of the machine: taskset, batch systems and containers leave it a
// few of them (affinity) or a share of their time (the quota of a control group).
#pragma once

#include <algorithm>
#include <cstddef>
#include <thread>

#if defined(__linux__)
#include <bit>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include <sched.h>
#endif

namespace fovea::detail {

#if defined(__linux__)

/// 0 if the system does not say.
inline std::size_t processors_of_affinity() {
    for (std::size_t words = 16; words <= 4'096; words *= 2) {  // 1,024 processors and more: the kernel refuses too few
        std::vector<unsigned long> set(words);
        if (::sched_getaffinity(0, words * sizeof(unsigned long), reinterpret_cast<cpu_set_t*>(set.data())) == 0) {
            std::size_t count = 0;
            for (const unsigned long word : set) {
                count += static_cast<std::size_t>(std::popcount(word));
            }
            return count;
        }
    }
    return 0;
}

/// The beginning of a small file; "" if there is none.
inline std::string small_file(const std::string& path) {
    char bytes[4'096];
    std::size_t size = 0;
    if (std::FILE* file = std::fopen(path.c_str(), "re")) {
        size = std::fread(bytes, 1, sizeof bytes, file);
        std::fclose(file);
    }
    return {bytes, size};
}

/// Of one control group: its time in microseconds and the period for which it is given, rounded up to processors.
/// "max" (version 2) and -1 (version 1) are no quota.
inline std::size_t processors_of_group(const std::string& folder) {
    std::string text = small_file(folder + "/cpu.max");
    if (text.empty()) {
        text = small_file(folder + "/cpu.cfs_quota_us") + small_file(folder + "/cpu.cfs_period_us");
    }
    long long quota = 0, period = 0;
    const bool limited = std::sscanf(text.c_str(), "%lld %lld", &quota, &period) == 2 && quota > 0 && period > 0;
    return limited ? static_cast<std::size_t>((quota - 1) / period + 1) : std::numeric_limits<std::size_t>::max();
}

/// The least quota of this process's groups and of those around them. Paths are under `root`.
inline std::size_t processors_of_quota(const std::string& root) {
    std::size_t least = std::numeric_limits<std::size_t>::max();
    const std::string groups = small_file(root + "/proc/self/cgroup");
    for (std::size_t at = 0, end = 0; (end = groups.find('\n', at)) != std::string::npos; at = end + 1) {
        const std::string line = groups.substr(at, end - at);  // "0::/group", "4:cpu,cpuacct:/group" (version 1)
        const std::size_t name = line.find(':') + 1, colon = line.find(':', name);
        const std::string controllers = line.substr(name, colon - name);
        if (colon == std::string::npos || (!controllers.empty() && controllers.find("cpu") == std::string::npos)) {
            continue;
        }
        // Up to the top: within a container its own group is there, whatever the line says.
        std::string group = line.substr(colon + 1);
        for (bool top = false; !top; group.resize(top ? 0 : group.rfind('/'))) {
            least = std::min(least, processors_of_group(root + "/sys/fs/cgroup/" + controllers + group));
            top = group.find('/') == std::string::npos;
        }
    }
    return least;
}

#endif

/// At least 1. The quota is asked for once, the affinity, of the calling thread, each time.
inline std::size_t usable_processors() {
#if defined(__linux__)
    static const std::size_t quota = processors_of_quota("");
    if (const std::size_t allowed = processors_of_affinity(); allowed > 0) {
        return std::min(allowed, quota);
    }
#endif
    return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace fovea::detail
