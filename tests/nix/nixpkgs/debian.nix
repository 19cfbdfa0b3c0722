# Packages of nixpkgs, made from the unpacked ones of pipeline/images/debian.lock: each file names
# its loader and its libraries by their paths in the store, as there.
{
  host,
  stdenv,
  ...
}:
let
  root = host.debian;
  versions = builtins.listToAttrs (
    map
      (
        line:
        let
          fields = builtins.filter builtins.isString (builtins.split " " line);
          upstream = builtins.match "([0-9]+:)?([0-9a-z.]+).*" (builtins.elemAt fields 1);
        in
        {
          name = builtins.head fields;
          value = builtins.elemAt upstream 1;
        }
      )
      (
        builtins.filter (line: builtins.isString line && builtins.match "[^#].* .* .*" line != null) (
          builtins.split "\n" (builtins.readFile ./debian.lock)
        )
      )
  );
  plugins = [
    "librte_mempool_ring.so.23"
    "librte_net_af_packet.so.23"
    "librte_net_vhost.so.23"
  ];
  programs = {
    coreutils = [
      "cat"
      "chmod"
      "id"
      "mkdir"
      "mktemp"
      "mv"
      "printenv"
      "rm"
      "sha256sum"
      "true"
    ];
    dash = [ "dash" ];
    dpdk = [ "dpdk-testpmd" ];
    ethtool = [ "ethtool" ];
    iperf2 = [ "iperf" ];
    iperf3 = [ "iperf3" ];
    iproute2 = [
      "ip"
      "bridge"
    ];
    iputils = [ "ping" ];
    kmod = [ "kmod" ];
    openssh = [
      "ssh"
      "ssh-keygen"
      "sshd"
    ];
    qemu_test = [ "qemu-system-x86_64" ];
    stress = [ "stress" ];
    stress-ng = [ "stress-ng" ];
  };
  debianName = {
    dpdk = "dpdk-dev";
    iperf2 = "iperf";
    iputils = "iputils-ping";
    openssh = "openssh-client";
    qemu_test = "qemu-system-x86";
  };
  storeName = {
    iperf2 = "iperf";
    iperf3 = "iperf";
    qemu_test = "qemu-host-cpu-only-for-vm-tests";
  };
  # Shell: the file of a program.
  find = ''
    find_program() {
      local place
      for place in usr/bin bin usr/sbin sbin; do
        [ ! -e ${root}/$place/$1 ] || { echo ${root}/$place/$1; return; }
      done
      echo "$1 isn't below ${root}" >&2
      return 1
    }
  '';
  # Those of all programs, as glibc and the rest are in nixpkgs. libc itself needs only the loader.
  libraries = stdenv.mkDerivation {
    name = "glibc-${versions.libc6}";
    nativeBuildInputs = [ (fromHost "patchelf" [ "patchelf" ]) ];
    buildCommand = ''
      ${find}
      mkdir -p $out/lib
      queue=(${toString plugins} ${root}/usr/lib/openssh/sshd-{auth,session})
      for program in ${toString (builtins.concatLists (builtins.attrValues programs))}; do
        queue+=("$(find_program $program)")
      done
      while [ ''${#queue[@]} -gt 0 ]; do
        file=''${queue[-1]}
        unset 'queue[-1]'
        case $file in
        /*) ;;
        *)
          [ -e $out/lib/$file ] && continue
          cp -L ${root}/lib/x86_64-linux-gnu/$file $out/lib/ 2>/dev/null ||
            cp -L ${root}/usr/lib/x86_64-linux-gnu/$file $out/lib/
          chmod 755 $out/lib/$file
          file=$out/lib/$file
          ;;
        esac
        queue+=($(patchelf --print-needed $file))
      done
      for file in $out/lib/*; do
        case $file in
        */ld-linux* | */libc.so.6) ;;
        *) patchelf --set-rpath $out/lib $file ;;
        esac
      done
    '';
  };
  loader = "${libraries}/lib/ld-linux-x86-64.so.2";
  package =
    name: extra:
    stdenv.mkDerivation {
      name = "${storeName.${name} or name}-${versions.${debianName.${name} or name}}";
      nativeBuildInputs = [ (fromHost "patchelf" [ "patchelf" ]) ];
      buildCommand = ''
        ${find}
        mkdir -p $out/bin
        for program in ${toString programs.${name}}; do
          cp "$(find_program $program)" $out/bin/
          patchelf --set-interpreter ${loader} --set-rpath ${libraries}/lib $out/bin/$program
        done
        ${extra}
      '';
    };
  # Programs of this machine.
  fromHost =
    name: programs:
    stdenv.mkDerivation {
      inherit name;
      buildCommand = ''
        mkdir -p $out/bin
        for program in ${toString programs}; do
          file=$(PATH=${host.tools}:${host.rust}:/usr/sbin:/usr/bin:/bin command -v $program) || {
            echo "$program isn't on this machine" >&2
            exit 1
          }
          ln -s $file $out/bin/$program
        done
      '';
    };
  kernel =
    root: release:
    let
      version = builtins.head (builtins.match "([0-9.]+).*" release);
      from = name: buildCommand: stdenv.mkDerivation { inherit name buildCommand; };
    in
    from "linux-${version}" ''
      mkdir $out
      cp ${root}/boot/vmlinuz-${release} $out/bzImage
    ''
    // {
      modules = from "linux-${version}-modules" ''
        mkdir -p $out/lib/modules
        cp -r ${root}/lib/modules/${release} $out/lib/modules/
      '';
      modDirVersion = release;
    };
in
builtins.mapAttrs (name: _: package name "") programs
// {
  # There it is linked with all drivers, and here it opens them.
  dpdk = package "dpdk" ''
    for plugin in ${toString plugins}; do
      patchelf --add-needed $plugin $out/bin/dpdk-testpmd
    done
  '';
  openssh = package "openssh" ''
    mkdir $out/libexec
    for program in sshd-auth sshd-session; do
      cp ${root}/usr/lib/openssh/$program $out/libexec/
      patchelf --set-interpreter ${loader} --set-rpath ${libraries}/lib $out/libexec/$program
    done
  '';
  qemu_test = package "qemu_test" ''
    mkdir -p $out/share
    cp -rL ${root}/usr/share/qemu $out/share/qemu 2>/dev/null || true
    chmod -R u+w $out/share
    cp -rL ${root}/usr/share/seabios/. $out/share/qemu/
  '';
  linuxPackages.kernel = kernel root host.kernel;
  linuxKernel.packages = {
    linux_6_12.kernel = kernel root host.kernel;
    linux_6_1.kernel = kernel host.older host.olderKernel;
  };
  # This machine's C compiler finds its own.
  glibc.static = stdenv.mkDerivation {
    name = "glibc-static";
    buildCommand = "mkdir $out";
  };
  cargo = fromHost "cargo" [ "cargo" ];
  clippy = fromHost "clippy" [ "cargo-clippy" ];
  deadnix = fromHost "deadnix" [ "deadnix" ];
  jq = fromHost "jq" [ "jq" ];
  nixfmt = fromHost "nixfmt" [ "nixfmt" ];
  poppler-utils = fromHost "poppler-utils" [ "pdftotext" ];
  rustc = fromHost "rustc" [ "rustc" ];
  rustfmt = fromHost "rustfmt" [
    "rustfmt"
    "cargo-fmt"
  ];
}
