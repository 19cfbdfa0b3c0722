# What "nix run" starts. These run outside of Nix's build sandbox, on this machine as it is.
{
  pkgs,
  rust,
  parts,
  kernels,
  provenance,
  measures,
}:
let
  inherit (pkgs) lib;
  vnicbench = lib.getExe rust.cli;
  matrices = "${rust.cli}/share/vnicbench/matrices";
  environment = {
    VNICBENCH_MATRIX = "${matrices}/smoke.toml";
    VNICBENCH_PROVENANCE = provenance;
  }
  // lib.optionalAttrs measures {
    VNICBENCH_AGENT = "${rust.agent}/bin/vnicbench-agent";
    VNICBENCH_PARTS = parts;
  };
  appIn =
    runtimeEnv: description: name: text:
    let
      script = pkgs.writeShellApplication {
        inherit name text runtimeEnv;
        runtimeInputs = [
          pkgs.iproute2
          pkgs.kmod
        ];
      };
    in
    {
      type = "app";
      program = lib.getExe script;
      meta = { inherit description; };
    };
  app = appIn environment;
  withKernels =
    environment
    // {
      VNICBENCH_MATRIX = "${matrices}/kernels.toml";
    }
    // lib.optionalAttrs measures {
      VNICBENCH_PARTS = builtins.concatStringsSep ":" ([ parts ] ++ builtins.attrValues kernels);
    };
  command =
    description: name:
    app description "vnicbench-${name}" ''
      exec ${vnicbench} ${name} "$@"
    '';
  # ARM boots no x86-64 guest fast enough to be measured.
  onX86 =
    text:
    if measures then
      text
    else
      ''
        echo "guests and test host are x86-64, and this machine is not: it can make reports," >&2
        echo "with: nix run .#report -- raw/CAMPAIGN" >&2
        exit 3
      '';
  emulated = ''exec ${vnicbench} reproduce --testbed emulated "$@"'';
in
{
  default = app "Doctor, run and report, on this host's own NIC" "vnicbench-reproduce" (onX86 ''
    case " $* " in
    *" --testbed emulated "* | *" --testbed=emulated "*) exec ${vnicbench} reproduce "$@" ;;
    *" --help "* | *" -h "*) exec ${vnicbench} reproduce --help ;;
    esac

    ports=()
    for file in /sys/class/net/*/device/sriov_totalvfs; do
      if [ -r "$file" ] && [ "$(<"$file")" -gt 0 ]; then
        ports+=("$(basename "''${file%/device/*}")")
      fi
    done
    if [ ''${#ports[@]} = 0 ]; then
      echo "no NIC with SR-IOV is attached to this machine; all of it in an emulated test host:" >&2
      echo "  nix run . -- --testbed emulated" >&2
      exit 3
    fi
    echo "NICs with SR-IOV: ''${ports[*]}" >&2
    ${vnicbench} doctor || true

    run=(${vnicbench} run "$@")
    case " $* " in
    *" --testbed"*) ;;
    *) run+=(--testbed attached) ;;
    esac
    case " $* " in
    *" --matrix"* | *" --resume"*) ;;
    *) run+=(--matrix "$VNICBENCH_MATRIX") ;;
    esac
    if [ "$(id -u)" != 0 ]; then
      if ! command -v sudo >/dev/null; then
        echo "measuring needs root, and there is no sudo; run this as root" >&2
        exit 3
      fi
      echo "measuring needs root: VFs, bridges, namespaces and VFIO" >&2
      mkdir -p raw
      run=(
        sudo env
        "HOME=$HOME"
        "PATH=$PATH"
        ${lib.concatMapStrings (name: "\"${name}=\$${name}\"\n") (builtins.attrNames environment)}
        "''${run[@]}"
      )
    fi
    campaign=$("''${run[@]}" | tail -n 1)
    exec ${vnicbench} report "$campaign"
  '');
  doctor = command "What this host can run, and what is missing" "doctor";
  plan = command "The cells of a matrix and how long it takes" "plan";
  report = command "Makes a report from a campaign's raw logs" "report";
  smoke = app "A small matrix in an emulated test host, and its report" "vnicbench-smoke" (
    onX86 emulated
  );
  kernels =
    appIn withKernels "Guests with several kernels in an emulated test host" "vnicbench-kernels"
      (onX86 emulated);
}
