# rustPlatform, by this machine's cargo and its registry. With a host.target, cargo's target
# directory is that one, so that no dependency is built anew; otherwise all are.
{
  host,
  stdenv,
  ...
}:
{
  buildRustPackage =
    {
      pname,
      version,
      src,
      cargoLock,
      doCheck ? true,
      cargoBuildFlags ? [ ],
      cargoTestFlags ? [ ],
      checkFlags ? [ ],
      buildInputs ? [ ],
      nativeCheckInputs ? [ ],
      postInstall ? "",
      env ? { },
      meta ? { },
    }:
    # As importCargoLock, which reads it.
    assert (builtins.fromTOML (builtins.readFile cargoLock.lockFile)).version >= 3;
    stdenv.mkDerivation (
      env
      // {
        inherit
          pname
          version
          src
          doCheck
          cargoBuildFlags
          cargoTestFlags
          checkFlags
          buildInputs
          nativeCheckInputs
          postInstall
          meta
          ;
        buildCommand = ''
          export HOME=${host.home} CARGO_NET_OFFLINE=true
          PATH=${host.rust}:$PATH:/usr/bin
          target=${if host.target == null then "$NIX_BUILD_TOP/target" else host.target}

          # Cargo goes by the times of files: only those that changed are copied, to one place.
          source=$target/nix-source
          mkdir -p $source
          (cd $source && find . -type f) | while read -r file; do
            [ -e "$src/$file" ] || rm "$source/$file"
          done
          (cd $src && find . -type f) | while read -r file; do
            cmp -s "$src/$file" "$source/$file" && continue
            mkdir -p "$source/''${file%/*}"
            cp "$src/$file" "$source/$file"
            chmod u+w "$source/$file"
          done
          cd $source

          flags=(--release --locked --target-dir $target)
          built=$target/release
          if [ -n "''${RUSTFLAGS:-}" ]; then
            # With a target they don't apply to what runs while building.
            flags+=(--target ${stdenv.hostPlatform.rust})
            built=$target/${stdenv.hostPlatform.rust}/release
          fi
          cargo build "''${flags[@]}" $cargoBuildFlags
          if [ -n "$doCheck" ]; then
            cargo test "''${flags[@]}" $cargoTestFlags -- $checkFlags
          fi
          mkdir -p $out/bin
          cp $built/''${pname%-tests} $out/bin/
          eval "$postInstall"
        '';
      }
    );
}
