#!/bin/sh
# vnicbench with what is beside this file.
here=$(cd "$(dirname "$0")" && pwd)
export VNICBENCH_AGENT="$here/bin/vnicbench-agent"
export VNICBENCH_MATRIX="$here/matrices/smoke.toml"
export VNICBENCH_PARTS="$here/parts"
export VNICBENCH_PROVENANCE="$here/provenance.json"
exec "$here/bin/vnicbench" "$@"
