// SPDX-License-Identifier: BSD-3-Clause
// Does a team of threads begin and end in order: where threads cannot be started, in a child made by fork(), on one
// processor? And how many processors may a process use?
#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fovea/detail/thread_pool.hpp>

#include "../catch.hpp"
#include "child.hpp"

#if defined(__linux__)
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#endif

using namespace fovea;
using detail::thread_pool;

namespace {

/// Does every member do its part of many short runs, with a meeting in between?
bool works(thread_pool& pool) {
    std::vector<int> done(100);
    bool good = true;
    for (int round = 1; round <= 50; ++round) {
        std::atomic<std::size_t> arrived{0};
        pool.run([&](std::size_t member) {
            for (std::size_t i = member; i < done.size(); i += pool.size()) {
                ++done[i];
            }
            ++arrived;
            pool.wait_for_all();
            if (member == 0) {
                good = good && arrived == pool.size();
            }
        });
        for (const int d : done) {
            good = good && d == round;
        }
    }
    return good;
}

}  // namespace

TEST_CASE("a team works, whatever its size") {
    for (const std::size_t size : {0U, 1U, 2U, 3U, 7U}) {
        thread_pool pool(size);
        CHECK(works(pool));
    }
}

TEST_CASE("a team can be moved; the one moved from is the caller alone") {
    thread_pool first(3);
    const std::size_t size = first.size();
    thread_pool second(std::move(first));
    CHECK((second.size() == size && works(second)));
    CHECK((first.size() == 1 && works(first)));
    thread_pool third(2);
    third = std::move(second);
    CHECK((third.size() == size && works(third)));
    CHECK((second.size() == 1 && works(second)));
    second = thread_pool(2);
    CHECK(works(second));
}

#if defined(__linux__)

TEST_CASE("in a child made by fork() a team is the caller, ends, and new ones can be made") {
    if (test::sanitized) {
        return;
    }
    auto pool = std::make_unique<thread_pool>(3);
    const auto unused = std::make_unique<thread_pool>(4);
    CHECK(works(*pool));
    const auto in_child = [&] {
        const bool old_works = works(*pool) && pool->size() == 1 && works(*pool);
        thread_pool fresh(9);  // on the stacks, and with the handles, of the lost threads
        const bool fresh_works = works(fresh);
        pool.reset();
        return old_works && fresh_works && works(fresh);
    };
    for (int i = 0; i < 5; ++i) {
        CHECK(test::true_in_child(in_child));
        CHECK(test::true_in_child([&] { return test::true_in_child(in_child); }));  // a grandchild
        CHECK(works(*pool));
    }
}

TEST_CASE("threads that cannot be started are a system_error, and those that could have ended") {
    if (test::sanitized || detail::usable_processors() == 1) {
        return;
    }
    for (const rlim_t stacks : {0U, 1U, 5U}) {
        CAPTURE(stacks);
        CHECK(test::true_in_child([&] {
            unsigned long pages = 0;
            std::ifstream("/proc/self/statm") >> pages;
            constexpr rlim_t stack = 8U << 20U;
            const rlimit of_stack{stack, RLIM_INFINITY};
            const rlim_t most = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + stacks * stack + stack / 2;
            const rlimit of_space{most, most};
            if (::setrlimit(RLIMIT_STACK, &of_stack) != 0 || ::setrlimit(RLIMIT_AS, &of_space) != 0) {
                return false;
            }
            for (int i = 0; i < 20; ++i) {
                try {
                    thread_pool pool(30);
                    return false;
                } catch (const std::system_error&) {
                }
            }
            return true;
        }));
    }
}

TEST_CASE("on one processor a team is its caller") {
    if (test::sanitized) {
        return;
    }
    CHECK(test::true_in_child([] {
        cpu_set_t all{}, one{};
        ::sched_getaffinity(0, sizeof all, &all);
        int first = 0;
        while (!CPU_ISSET(first, &all)) {
            ++first;
        }
        CPU_SET(first, &one);
        ::sched_setaffinity(0, sizeof one, &one);
        thread_pool pool(4);
        return detail::usable_processors() == 1 && pool.size() == 1 && works(pool);
    }));
}

TEST_CASE("the quota of control groups counts, rounded up, the least on the way up") {
    std::string root = (std::filesystem::temp_directory_path() / "fovea-groups-XXXXXX").string();
    REQUIRE(::mkdtemp(root.data()) != nullptr);
    using files = std::vector<std::pair<std::string, std::string>>;
    const auto quota = [&](const std::string& groups, const files& written) {
        std::filesystem::remove_all(root);
        const auto put = [&](const std::string& name, const std::string& text) {
            std::filesystem::create_directories(std::filesystem::path(root + name).parent_path());
            std::ofstream(root + name) << text;
        };
        put("/proc/self/cgroup", groups);
        for (const auto& [name, text] : written) {
            put("/sys/fs/cgroup/" + name, text);
        }
        return detail::processors_of_quota(root);
    };
    constexpr auto none = static_cast<std::size_t>(-1);
    CHECK(quota("", {}) == none);
    CHECK(quota("nonsense\n1:\n::\n", {}) == none);
    CHECK(quota("0::/a/b\n", {{"a/b/cpu.max", "max 100000\n"}}) == none);
    CHECK(quota("0::/a/b\n", {{"a/b/cpu.max", "150000 100000\n"}}) == 2);
    CHECK(quota("0::/a/b\n", {{"a/b/cpu.max", "200000 100000\n"}}) == 2);
    CHECK(quota("0::/a/b\n", {{"a/b/cpu.max", "1000 100000\n"}}) == 1);
    CHECK(quota("0::/a/b\n", {{"a/b/cpu.max", "max 100000\n"}, {"a/cpu.max", "300000 100000\n"}}) == 3);
    CHECK(quota("0::/a/b\n", {{"a/b/cpu.max", "900000 100000\n"}, {"a/cpu.max", "50000 20000\n"}}) == 3);
    CHECK(quota("0::/\n", {{"cpu.max", "400000 100000\n"}}) == 4);           // in a container
    CHECK(quota("0::/docker/1f\n", {{"cpu.max", "100000 100000\n"}}) == 1);  // whose path is of its host
    CHECK(quota("0::/../a\n", {{"cpu.max", "0 100000\n"}}) == none);         // no quota that is given
    const std::string first = "11:memory:/a\n4:cpu,cpuacct:/a\n0::/\n", folder = "cpu,cpuacct/a/";
    CHECK(quota(first, {{folder + "cpu.cfs_quota_us", "-1\n"}, {folder + "cpu.cfs_period_us", "100000\n"}}) == none);
    CHECK(quota(first, {{folder + "cpu.cfs_quota_us", "250000\n"}, {folder + "cpu.cfs_period_us", "100000\n"}}) == 3);
    CHECK(quota("1:cpu:/a\n", {{"cpu/cpu.cfs_quota_us", "50000\n"}, {"cpu/cpu.cfs_period_us", "50000\n"}}) == 1);
    CHECK(quota(first, {{folder + "cpu.cfs_quota_us", "250000\n"}}) == none);
    std::filesystem::remove_all(root);
}

#endif
