# "nix flake check".
{
  pkgs,
  source,
  rust,
  parts,
  images,
  provenance,
  measures,
}:
let
  inherit (pkgs) lib;
  check =
    name: inputs: text:
    pkgs.runCommand "vnicbench-check-${name}" { nativeBuildInputs = inputs; } ''
      ${text}
      touch $out
    '';
in
{
  inherit (rust) tests;

  # The same bytes as cargo's build makes.
  report = check "report" [ rust.cli ] ''
    vnicbench report ${source.top + "/raw/emulated"} --out report
    cd report
    sha256sum --check ${source.top + "/tests/golden/emulated.sha256"}
  '';

  # What was built from is the lock's, or is said not to be.
  provenance = check "provenance" [ pkgs.jq ] ''
    jq --exit-status --slurpfile lock ${source.top + "/flake.lock"} '
      ($lock[0].nodes.nixpkgs.locked | {rev, narHash}) as $locked
      | .nixpkgs.locked == $locked
      and (.nixpkgs.used == $locked or .flake.rev == null)
    ' ${provenance}
  '';

  format =
    check "format"
      [
        pkgs.cargo
        pkgs.deadnix
        pkgs.nixfmt
        pkgs.rustfmt
      ]
      ''
        cd ${source.formatted}
        find . -name '*.nix' -exec nixfmt --check {} +
        deadnix --fail .
        CARGO_HOME=$TMPDIR cargo fmt --all --check
      '';
}
// lib.optionalAttrs measures {
  inherit images;

  parts = check "parts" [ pkgs.jq ] ''
    jq --exit-status '.provider == "nix" and (.packages | length > 0)
      and all(.packages[]; .name != "" and (.narHash | startswith("sha256:")))' ${parts}/parts.json
  '';

  # What the bundle has, and that the images made of it are the same.
  copy = check "copy" [ rust.cli ] ''
    vnicbench images --copy --parts ${parts} --out copy
    vnicbench images --parts copy --agent ${rust.agent}/bin/vnicbench-agent --out images
    cmp images/guest.cpio ${images}/guest.cpio
    cmp images/test-host.cpio ${images}/test-host.cpio
  '';

  # By QEMU's translator.
  boot = check "boot" [ rust.cli ] ''
    vnicbench images --boot --parts ${parts} --agent ${rust.agent}/bin/vnicbench-agent --out images
  '';
}
