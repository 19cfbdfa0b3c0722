# Kernel, guest image and test-host image with a manifest.json, which is what a campaign records
# of them.
{
  pkgs,
  rust,
  parts,
}:
pkgs.runCommand "vnicbench-images" { nativeBuildInputs = [ rust.cli ]; } ''
  vnicbench images --parts ${parts} --agent ${rust.agent}/bin/vnicbench-agent --out $out
''
