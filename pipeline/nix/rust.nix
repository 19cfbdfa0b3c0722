# The command line, and the static agent that is copied to guests and other hosts.
{ pkgs, source }:
let
  inherit (pkgs) lib;
  workspace = (builtins.fromTOML (builtins.readFile (source.top + "/Cargo.toml"))).workspace;
  build =
    arguments:
    pkgs.rustPlatform.buildRustPackage (
      {
        inherit (workspace.package) version;
        src = source.program;
        cargoLock.lockFile = source.top + "/Cargo.lock";
        # They are a check of their own.
        doCheck = false;
        meta = {
          description = "Measures virtual NICs and reports with confidence intervals";
          license = lib.licenses.asl20;
          platforms = lib.platforms.linux;
          mainProgram = arguments.pname;
        };
      }
      // arguments
    );
  static = {
    buildInputs = [ pkgs.glibc.static ];
    env.RUSTFLAGS = "-Ctarget-feature=+crt-static";
  };
in
{
  inherit (workspace.package) version;

  cli = build {
    pname = "vnicbench";
    postInstall = ''
      mkdir -p $out/share/vnicbench
      cp -r pipeline/matrices $out/share/vnicbench/
    '';
  };

  # For machines whose libraries are others.
  cli-static = build (static // { pname = "vnicbench"; });

  # As "cargo agent" does it.
  agent = build (
    static
    // {
      pname = "vnicbench-agent";
      cargoBuildFlags = [ "--package=vnicbench-agent" ];
    }
  );

  tests = build {
    pname = "vnicbench-tests";
    src = source.tests;
    doCheck = true;
    cargoTestFlags = [ "--package=vnicbench" ];
    # These boot the test host, for half an hour.
    checkFlags = [
      "--skip=boots"
      "--skip=host_and_trials"
    ];
    nativeCheckInputs = [ pkgs.poppler-utils ];
  };
}
