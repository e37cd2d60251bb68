# shellcheck shell=bash
# What scripts/test and scripts/demo share; sourced, not run.

# How many compilers at a time: one a core that may be used, and at least 1.5 GB of memory for each (templates).
job_count() {
    local cores memory_kb jobs quota period
    cores=$(nproc 2> /dev/null || echo 2)  # by affinity; a container's quota:
    if read -r quota period 2> /dev/null < /sys/fs/cgroup/cpu.max && [[ $quota != max ]]; then
        quota=$(((quota + period - 1) / period))
        ((quota >= cores)) || cores=$quota
    fi
    memory_kb=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo 2> /dev/null || true)
    jobs=$(((${memory_kb:-6000000}) / 1500000))
    ((jobs < cores)) || jobs=$cores
    ((jobs > 0)) || jobs=1
    echo "${FOVEA_JOBS:-$jobs}"
}

# Stops with the exit code of scripts/setup if that cannot do its work.
install_packages() {
    if [[ ${FOVEA_SKIP_SETUP:-} == 1 ]]; then
        echo "setup: skipped, FOVEA_SKIP_SETUP=1"
    else
        scripts/setup "$@" < /dev/null || exit
    fi
}

heading() { printf '\n=== %s\n' "$*"; }

# Ninja's line a step; %e: seconds since its start.
export NINJA_STATUS='  [%f/%t, %e s] '
