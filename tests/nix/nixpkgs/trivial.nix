# pkgs/build-support/trivial-builders and what is like them.
{ lib, stdenv, ... }:
rec {
  runCommand =
    name: env: buildCommand:
    stdenv.mkDerivation (env // { inherit name buildCommand; });

  writeText =
    name: text:
    runCommand name { inherit text; } ''
      printf %s "$text" > $out
    '';

  writeShellApplication =
    {
      name,
      text,
      runtimeInputs ? [ ],
      runtimeEnv ? { },
      meta ? { },
    }:
    let
      variables = lib.concatStrings (
        lib.mapAttrsToList (variable: value: "export ${variable}='${toString value}'\n") runtimeEnv
      );
      path = lib.concatMapStrings (input: "${input}/bin:") runtimeInputs;
      script = ''
        #!/bin/bash
        set -o errexit
        set -o nounset
        set -o pipefail
        ${variables}
        export PATH="${path}$PATH"

        ${text}
      '';
    in
    stdenv.mkDerivation {
      inherit name script;
      meta = {
        mainProgram = name;
      }
      // meta;
      buildCommand = ''
        mkdir -p $out/bin
        printf %s "$script" > $out/bin/${name}
        chmod +x $out/bin/${name}
        bash -n $out/bin/${name}
      '';
    };

  mkShell =
    {
      packages ? [ ],
      buildInputs ? [ ],
    }:
    stdenv.mkDerivation {
      name = "nix-shell";
      nativeBuildInputs = packages;
      inherit buildInputs;
      buildCommand = "export > $out";
    };
}
