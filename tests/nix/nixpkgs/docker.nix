# dockerTools: an archive of one layer, in the format that "docker load" and "podman load" read.
{ stdenv, jq, ... }:
{
  buildLayeredImage =
    {
      name,
      tag,
      contents,
      config,
    }:
    stdenv.mkDerivation {
      name = "${name}.tar.gz";
      __structuredAttrs = true;
      exportReferencesGraph.closure = contents;
      inherit tag contents config;
      image = name;
      nativeBuildInputs = [ jq ];
      buildCommand = ''
        out=''${outputs[out]}
        mkdir -p layer/bin image
        for package in ''${contents[@]}; do ln -s $package/bin/* layer/bin/; done
        jq -r '.closure[].path' $NIX_ATTRS_JSON_FILE | while read -r path; do
          mkdir -p layer/''${path%/*}
          cp -r $path layer/$path
        done
        same=(--sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner)
        tar "''${same[@]}" -C layer -cf image/layer.tar .
        sum=$(sha256sum <image/layer.tar)
        jq --arg layer "sha256:''${sum%% *}" '{
          architecture: "amd64", os: "linux", created: "1970-01-01T00:00:01Z", config,
          rootfs: {type: "layers", diff_ids: [$layer]}
        }' $NIX_ATTRS_JSON_FILE >image/config.json
        jq -n --arg name "$image:$tag" \
          '[{Config: "config.json", RepoTags: [$name], Layers: ["layer.tar"]}]' >image/manifest.json
        tar "''${same[@]}" -C image -c config.json layer.tar manifest.json | gzip -n >$out
      '';
    };
}
