// SPDX-License-Identifier: BSD-3-Clause
// One of two units with everything in them (see two_units.hpp), and what can only be tested while running.
#include "two_units.hpp"

#include <sstream>
#include <string>

#include "catch.hpp"

facts facts_of_a() {
    return {&fovea::layers<Net>, fovea::summary<Net>.data(), fovea::parameter_count<Net>, fovea::describe<Net>()};
}

TEST_CASE("two translation units have the same constants, at the same place") {
    const facts a = facts_of_a(), b = facts_of_b();
    CHECK(a.layers == b.layers);
    CHECK(static_cast<const void*>(a.summary) == static_cast<const void*>(b.summary));
    CHECK(a.parameters == b.parameters);
    CHECK(a.described == b.described);
    CHECK(a.parameters == 27'298);
}

TEST_CASE("report, describe and summary are one text") {
    std::ostringstream out;
    out << fovea::report<Net>;
    CHECK(out.str() == fovea::describe<Net>());
    CHECK(out.str() == fovea::summary<Net>);
    CHECK(out.str().find("27,298     26,690,016\n") != std::string::npos);
    out << fovea::report<seed::Segment> << "end";
    CHECK(out.str() == std::string{fovea::summary<Net>} + std::string{fovea::summary<seed::Segment>} + "end");
}
