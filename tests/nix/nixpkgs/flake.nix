# Stands in for nixpkgs where none can be had: only for
#   --override-input nixpkgs path:DIRECTORY --no-write-lock-file
# by ../run, which puts a copy of this directory with a host.json somewhere. Its packages are
# Debian's, made to look like those of nixpkgs; what ../attributes.toml doesn't list is an error.
{
  outputs =
    _:
    let
      host = builtins.fromJSON (builtins.readFile ./host.json);
      listed = builtins.fromTOML (builtins.readFile ./attributes.toml);
      lib = import ./lib.nix;
      strict = import ./strict.nix listed;
      for =
        system:
        let
          stdenv = import ./stdenv.nix { inherit system; };
          arguments = { inherit host lib stdenv; };
          debian = import ./debian.nix arguments;
          trivial = import ./trivial.nix arguments;
        in
        debian
        // trivial
        // {
          inherit lib;
          rustPlatform = import ./rust.nix arguments;
          dockerTools = import ./docker.nix {
            inherit stdenv;
            inherit (debian) jq;
          };
          stdenv = { inherit (stdenv) hostPlatform; };
          stdenvNoCC = { inherit (stdenv) mkDerivation; };
        };
    in
    {
      lib = strict.only "lib" lib;
      legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (
        system: strict.only "pkgs" (for system)
      );
    };
}
