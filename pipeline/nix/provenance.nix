# From which sources all of it is built: what flake.lock says and what was used, which an
# overridden input makes another.
{
  self,
  nixpkgs,
  pkgs,
}:
let
  lock = builtins.fromJSON (builtins.readFile ../../flake.lock);
  inherit (lock.nodes.nixpkgs) locked;
in
pkgs.writeText "provenance.json" (
  builtins.toJSON {
    format = 1;
    flake = {
      rev = self.rev or null;
      dirty = !(self ? rev);
    };
    nixpkgs = {
      locked = { inherit (locked) rev narHash; };
      used = {
        rev = nixpkgs.rev or null;
        inherit (nixpkgs) narHash;
      };
    };
  }
)
