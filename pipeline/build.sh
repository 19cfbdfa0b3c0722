# Sourced by ./reproduce and ./test: checks for what a build needs, then builds the
# command line and the static agent of the guests.

missing() {
    echo "$0: $1 is missing; $2" >&2
    exit 3
}

[ "$(uname -s)" = Linux ] || missing Linux "virtual NICs are measured on Linux only"
command -v cargo >/dev/null ||
    missing cargo "install Rust 1.95 or newer (https://rustup.rs), or start this without sudo if your own account has it"
command -v cc >/dev/null || missing "a C compiler" "on Debian: apt-get install gcc libc6-dev"

cargo build --release --locked
cargo agent --locked
