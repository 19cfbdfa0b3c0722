# As in nixpkgs' lib, those that are used.
rec {
  concatMapStrings = f: list: concatStrings (map f list);
  concatStrings = builtins.concatStringsSep "";
  genAttrs =
    names: f:
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = f name;
      }) names
    );
  getExe = package: "${package}/bin/${package.meta.mainProgram}";
  licenses.asl20 = {
    spdxId = "Apache-2.0";
  };
  mapAttrsToList = f: set: map (name: f name set.${name}) (builtins.attrNames set);
  optionalAttrs = condition: set: if condition then set else { };
  platforms.linux = [
    "x86_64-linux"
    "aarch64-linux"
  ];
  unique = builtins.foldl' (
    known: one: if builtins.elem one known then known else known ++ [ one ]
  ) [ ];
}
