# An archive for hosts without Nix, which runs from wherever it is unpacked: the command line,
# linked statically, and copies of what images are made from.
{
  pkgs,
  rust,
  parts,
  provenance,
}:
let
  name = "vnicbench-${rust.version}-x86_64-linux";
in
pkgs.runCommand "${name}.tar.gz" { nativeBuildInputs = [ rust.cli ]; } ''
  mkdir -p ${name}/bin
  cp ${rust.cli-static}/bin/vnicbench ${rust.agent}/bin/vnicbench-agent ${name}/bin/
  cp -r ${rust.cli}/share/vnicbench/matrices ${name}/
  cp ${provenance} ${name}/provenance.json
  vnicbench images --copy --parts ${parts} --out ${name}/parts
  cp ${./bundle.sh} ${name}/vnicbench
  chmod -R u+w,a+rX ${name}
  chmod +x ${name}/vnicbench
  tar --sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner -c ${name} | gzip -n > $out
''
