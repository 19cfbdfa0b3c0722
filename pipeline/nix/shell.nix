# All that a developer needs: to build, to test, to lint, and to look at reports.
{ pkgs }:
pkgs.mkShell {
  packages = [
    pkgs.cargo
    pkgs.clippy
    pkgs.deadnix
    pkgs.iproute2
    pkgs.jq
    pkgs.nixfmt
    pkgs.poppler-utils
    pkgs.rustc
    pkgs.rustfmt
  ];
  # "cargo agent" links statically.
  buildInputs = [ pkgs.glibc.static ];
}
