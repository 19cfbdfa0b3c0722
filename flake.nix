{
  description = "How virtual NICs perform, measured and reported with confidence intervals";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      projects = nixpkgs.lib.genAttrs systems (
        system:
        import ./pipeline/nix {
          inherit self nixpkgs;
          pkgs = nixpkgs.legacyPackages.${system};
        }
      );
      each = output: builtins.mapAttrs (_system: project: project.${output}) projects;
    in
    {
      packages = each "packages";
      apps = each "apps";
      checks = each "checks";
      devShells = each "devShells";
      formatter = each "formatter";
    };
}
