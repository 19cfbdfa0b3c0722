# All that the flake gives for one system.
{
  self,
  nixpkgs,
  pkgs,
}:
let
  inherit (pkgs) lib;
  source = import ./source.nix;
  rust = import ./rust.nix { inherit pkgs source; };
  provenance = import ./provenance.nix { inherit self nixpkgs pkgs; };
  # Guests and test host are x86-64, as the NICs that QEMU emulates with VFs are.
  measures = pkgs.stdenv.hostPlatform.isx86_64;
  parts = import ./parts.nix { inherit pkgs; };
  # Kernels that guests may have beside that of the parts, by their names in nixpkgs.
  kernels = lib.genAttrs [ "linux_6_12" "linux_6_1" ] (
    name:
    import ./parts.nix {
      inherit pkgs;
      inherit (pkgs.linuxKernel.packages.${name}) kernel;
    }
  );
  images = import ./images.nix { inherit pkgs rust parts; };
  apps = import ./apps.nix {
    inherit
      pkgs
      rust
      parts
      kernels
      provenance
      measures
      ;
  };
in
{
  packages = {
    default = rust.cli;
    inherit (rust) agent;
    image-report = import ./image-report.nix { inherit pkgs rust; };
  }
  // lib.optionalAttrs measures {
    inherit parts images;
    bundle = import ./bundle.nix {
      inherit
        pkgs
        rust
        parts
        provenance
        ;
    };
    parts-linux_6_12 = kernels.linux_6_12;
    parts-linux_6_1 = kernels.linux_6_1;
  };
  inherit apps;
  checks = import ./checks.nix {
    inherit
      pkgs
      source
      rust
      parts
      images
      provenance
      measures
      ;
  };
  devShells.default = import ./shell.nix { inherit pkgs; };
  formatter = import ./formatter.nix { inherit pkgs; };
}
