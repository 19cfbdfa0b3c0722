# "nix fmt".
{ pkgs }:
pkgs.writeShellApplication {
  name = "vnicbench-format";
  runtimeInputs = [
    pkgs.cargo
    pkgs.nixfmt
    pkgs.rustfmt
  ];
  text = ''
    cargo fmt --all
    find flake.nix pipeline tests -name '*.nix' -exec nixfmt {} +
  '';
}
