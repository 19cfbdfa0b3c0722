# A tree of links to the programs, the kernel and the firmware that images are made from, and
# parts.json, which says what they and all that they need are.
{
  pkgs,
  kernel ? pkgs.linuxPackages.kernel,
  # Without a display or sound, and in the binary cache, since the tests of NixOS run by it.
  qemu ? pkgs.qemu_test,
}:
let
  inherit (pkgs) lib;
  programs = {
    bridge = pkgs.iproute2;
    cat = pkgs.coreutils;
    chmod = pkgs.coreutils;
    dash = pkgs.dash;
    dpdk-testpmd = pkgs.dpdk;
    ethtool = pkgs.ethtool;
    id = pkgs.coreutils;
    ip = pkgs.iproute2;
    iperf = pkgs.iperf2;
    iperf3 = pkgs.iperf3;
    kmod = pkgs.kmod;
    mkdir = pkgs.coreutils;
    mktemp = pkgs.coreutils;
    mv = pkgs.coreutils;
    ping = pkgs.iputils;
    printenv = pkgs.coreutils;
    qemu-system-x86_64 = qemu;
    rm = pkgs.coreutils;
    sha256sum = pkgs.coreutils;
    ssh = pkgs.openssh;
    ssh-keygen = pkgs.openssh;
    sshd = pkgs.openssh;
    stress = pkgs.stress;
    stress-ng = pkgs.stress-ng;
    "true" = pkgs.coreutils;
  };
  release = kernel.modDirVersion;
in
pkgs.stdenvNoCC.mkDerivation {
  name = "vnicbench-parts";
  __structuredAttrs = true;
  exportReferencesGraph.closure = lib.unique (builtins.attrValues programs) ++ [
    kernel
    kernel.modules
  ];
  nativeBuildInputs = [ pkgs.jq ];
  buildCommand = ''
    out=''${outputs[out]}
    mkdir -p $out/bin $out/boot $out/lib/modules $out/usr/lib $out/usr/share

    # A program is where its package has it, or beside the script that is there instead.
    program() {
      local file
      for file in "$2/bin/.$1-wrapped" "$2/bin/$1"; do
        if [ -e "$file" ]; then
          ln -s "$file" "$out/bin/$1"
          return
        fi
      done
      echo "$1 is not in $2" >&2
      exit 1
    }
    ${lib.concatStrings (lib.mapAttrsToList (name: package: "program ${name} ${package}\n") programs)}
    ln -s ${kernel}/bzImage $out/boot/vmlinuz-${release}
    ln -s ${kernel.modules}/lib/modules/${release} $out/lib/modules/
    ln -s ${qemu}/share/qemu $out/usr/share/
    ln -s ${pkgs.openssh}/libexec $out/usr/lib/openssh

    # A name ends where a number follows a dash, as in Nix's own parseDrvName.
    jq '{
      provider: "nix",
      packages: (.closure | map({path, narHash} +
        (.path | capture("/[a-z0-9]{32}-(?<name>.+?)(-(?<version>[0-9].*))?$") | .version //= "")
      ) | sort_by(.path)),
      differences: []
    }' "$NIX_ATTRS_JSON_FILE" > $out/parts.json
  '';
}
