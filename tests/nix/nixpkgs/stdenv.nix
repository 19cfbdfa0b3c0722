# A build is bash with the tools of nixpkgs' stdenv and of nativeBuildInputs, from this machine,
# and no others.
{ system }:
let
  tools = "awk bash basename bzip2 cat chmod cmp cp cut date diff dirname echo env expr false file find grep gzip head id install ln ls make mkdir mktemp mv nproc od patch printf pwd readlink realpath rm rmdir sed seq sha256sum sleep sort stat tail tar tee test touch tr true uname uniq wc which xargs xz";
  setup = builtins.toFile "setup" ''
    if [ -n "''${NIX_ATTRS_SH_FILE:-}" ]; then . "$NIX_ATTRS_SH_FILE"; fi
    PATH=$stdenv/bin
    for input in ''${nativeBuildInputs[@]} ''${nativeCheckInputs[@]}; do PATH=$input/bin:$PATH; done
    export PATH
  '';
  stdenv = derivation {
    name = "stdenv-linux";
    inherit system;
    builder = "/bin/sh";
    args = [
      "-ec"
      ''
        PATH=/usr/bin:/bin
        mkdir -p $out/bin
        cp ${setup} $out/setup
        for tool in ${tools}; do ln -s "$(command -v $tool || echo /bin/false)" $out/bin/$tool; done
      ''
    ];
  };
in
{
  hostPlatform = {
    inherit system;
    isx86_64 = system == "x86_64-linux";
    rust = builtins.replaceStrings [ "-linux" ] [ "-unknown-linux-gnu" ] system;
  };

  mkDerivation =
    {
      name ? "${pname}-${version}",
      pname ? "",
      version ? "",
      buildCommand ? "",
      meta ? { },
      passthru ? { },
      ...
    }@arguments:
    derivation (
      {
        inherit name system stdenv;
        builder = "/bin/bash";
        args = [
          "-ec"
          ''
            [ -z "''${NIX_ATTRS_SH_FILE:-}" ] || . "$NIX_ATTRS_SH_FILE"
            . $stdenv/setup
            cd "$NIX_BUILD_TOP"
            eval "$buildCommand"
          ''
        ];
        inherit buildCommand;
        outputs = [ "out" ];
      }
      // removeAttrs arguments [
        "meta"
        "passthru"
      ]
    )
    // passthru
    // {
      inherit meta;
    };
}
